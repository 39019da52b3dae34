/** The reference this daemon stands in for. Records, state report and --version name it: readers parse it. */
export const REFERENCE_VERSION = '4.2.2';

/** Our own; package.json has the same, and a test compares them. */
export const PACKAGE_VERSION = '0.1.0';
