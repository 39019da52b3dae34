/** The release of audit-userspace whose behaviour the tools have, and whose version they report. */
export const VERSION = '4.2.2';
