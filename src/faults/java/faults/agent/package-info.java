/** Java agents of the tests, of which the service knows nothing: they end or hold it at a named step of its work, or set its clock. */
@NullMarked
package faults.agent;

import org.jspecify.annotations.NullMarked;
