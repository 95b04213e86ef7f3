/** Ends or holds the service at a named step of its work: a Java agent of the tests, of which the service knows nothing. */
@NullMarked
package faults.agent;

import org.jspecify.annotations.NullMarked;
