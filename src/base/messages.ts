/** Where a room says something to the administrator. The severities are those of syslog(3). */
export interface Messages {
  emergency(text: string): void;
  alert(text: string): void;
  critical(text: string): void;
  error(text: string): void;
  warning(text: string): void;
  notice(text: string): void;
  info(text: string): void;
  debug(text: string): void;
}
