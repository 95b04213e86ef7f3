/**
 * Bugs that are planted to see whether a test finds them: each breaks one promise in one place. Those that no test finds name the tests
 * that are missing.
 */
@NullMarked
package planted;

import org.jspecify.annotations.NullMarked;
