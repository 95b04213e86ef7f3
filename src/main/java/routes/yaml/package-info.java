/** Consumers in YAML files: how the files are read, what they may say, and how a mistake in one is explained. */
@NullMarked
package routes.yaml;

import org.jspecify.annotations.NullMarked;
