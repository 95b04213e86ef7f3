-- Outcomes of which the application's table has not heard yet: its row was locked when they were written.
CREATE TABLE untold_outcome (
    delivery_id uuid PRIMARY KEY REFERENCES delivery (id) ON DELETE CASCADE,
    attempt     integer NOT NULL,
    to_others   text
);
