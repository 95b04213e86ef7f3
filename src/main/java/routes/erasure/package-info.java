/** What is kept about a person: shown to who asks for it, and erased. */
@NullMarked
package routes.erasure;

import org.jspecify.annotations.NullMarked;
