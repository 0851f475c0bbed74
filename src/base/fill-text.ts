/** Templates of texts: `{name}` takes a value, `[… {name} …]` goes away where the value is missing. */

export type TextValues = Readonly<Record<string, unknown>>;

/** The text with its values in place; a value that is missing outside brackets leaves its name. */
export function fillText(template: string, values: TextValues = {}): string {
  return template
    .replace(/\[([^[\]]*)\]/g, (_, part: string) =>
      placeholders(part).every((name) => values[name] !== undefined) ? part : '',
    )
    .replace(/\{(\w+)\}/g, (whole, name: string) =>
      values[name] === undefined ? whole : String(values[name]),
    );
}

/** Names of the values that a template takes. */
export function placeholders(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
}
