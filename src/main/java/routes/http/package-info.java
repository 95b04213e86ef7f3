/** What both HTTP ports have in common: how much a connection may hold, for how long, and how many requests may come. */
@NullMarked
package routes.http;

import org.jspecify.annotations.NullMarked;
