/** HTML that was made by {@link markup}: the only thing that `markup` does not escape. */
export class Markup {
  constructor(readonly text: string) {}
}

type Piece = Markup | string | number | readonly Piece[] | undefined;

/**
 * A template for HTML. Every value is escaped, for text and for quoted attributes alike, unless it is {@link Markup} itself: a template cannot forget to escape,
 * because there is no other way to put something in.
 */
export function markup(texts: TemplateStringsArray, ...values: Piece[]): Markup {
  let text = texts[0]!;
  for (const [index, value] of values.entries()) text += render(value) + texts[index + 1]!;
  return new Markup(text);
}

function render(value: Piece): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  return escapeHtml(String(value));
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => entities[character]!);
}
