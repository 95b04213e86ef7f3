/**
 * The promises of the service, held against faults that are really caused: processes killed and frozen, servers gone. A generator keeps
 * what the broker has acknowledged, sinks keep what reached the outside, and a verifier that shares nothing with the service compares.
 */
@NullMarked
package faults;

import org.jspecify.annotations.NullMarked;
