import { levels } from '#ecs';
import { explain, type Explanation } from '../../explanation.js';
import type { Digest } from '../../notice.js';
import { markup, type Markup } from './markup.js';
import { frame } from './page.js';
import { accents, style } from './style.js';

/** So many signals are told one by one; the others are only counted. */
const shown = 50;

export interface DigestMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Many signals in one mail, the worst first. */
export function digestMail({ entries }: Digest, baseUrl: string): DigestMail {
  const sorted = entries
    .map((entry) => explain(entry, baseUrl))
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => levels.indexOf(b.entry.level) - levels.indexOf(a.entry.level) || a.index - b.index)
    .map(({ entry }) => entry);
  const worst = sorted[0]?.level ?? 'informational';
  const title = `${entries.length} signals, the worst ${worst}`;
  const note = 'More came within a minute than this receiver takes one by one.';
  const rest = Math.max(0, sorted.length - shown);
  const more = rest ? `and ${rest} more: ${baseUrl}/v1/signals` : '';
  const page = frame({ title, preview: note, accent: accents[worst] }, [
    markup`<div class="gw-muted" style="${style.brand}">Gatewatch</div>
      <h1 class="gw-title" style="${style.title}">${title}</h1>
      <p class="gw-text" style="${style.reason}">${note}</p>`,
    ...sorted.slice(0, shown).map(item),
    more ? markup`<p class="gw-text" style="${style.text}">${more}</p>` : undefined,
  ]);
  const lines = sorted.slice(0, shown).map((entry) => `[${entry.level}] ${entry.title} (${entry.state})\n${entry.reason}\n${entry.url}`);
  return { subject: title, text: `${[title, note, ...lines, more].filter(Boolean).join('\n\n')}\n`, html: page };
}

function item({ level, state, title, reason, url, instead }: Explanation): Markup {
  return markup`<div class="gw-muted gw-foot" style="${style.foot}font-size:14px;">
      <span style="${style.pill}background:${accents[level]};">${level}</span><span class="gw-state" style="${style.state}">${state}</span>
      <h2 class="gw-heading" style="${style.heading}margin:8px 0 2px;"><a class="gw-link" href="${url}" style="${style.link}word-break:normal;">${title}</a></h2>
      <p class="gw-text" style="${style.text}font-size:14px;">${reason}</p>${instead ? markup`<p class="gw-note" style="${style.note}">${instead}</p>` : undefined}
    </div>`;
}
