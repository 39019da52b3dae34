const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Text as HTML shows it, within elements and attributes. */
export const escaped = (text: string) => text.replace(/[&<>"']/g, character => ENTITIES[character] ?? '');
