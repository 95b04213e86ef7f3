/** What both HTTP ports have in common: how much memory a connection may hold, and for how long. */
@NullMarked
package routes.http;

import org.jspecify.annotations.NullMarked;
