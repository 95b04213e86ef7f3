-- Whatever records deliveries reads this table: what has begun to is done after this, and what begins later sees who was erased.
LOCK TABLE event_routes.erased_person IN ACCESS EXCLUSIVE MODE
