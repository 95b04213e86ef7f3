/** Consumers in YAML files: how the files are read, what they may contain, and how a mistake is explained. */
@NullMarked
package routes.yaml;

import org.jspecify.annotations.NullMarked;
