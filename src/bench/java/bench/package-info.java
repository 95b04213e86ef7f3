/** Benchmarks: always beside a peer in the same run, in alternation. {@code ./mvnw verify -Pbench} runs them. */
@NullMarked
package bench;

import org.jspecify.annotations.NullMarked;
