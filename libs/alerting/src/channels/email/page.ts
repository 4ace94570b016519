import type { Explanation, Fact } from '../../explanation.js';
import { markup, Markup } from './markup.js';
import { accents, closedAccent, sheet, style } from './style.js';

/** The explanation as a page for mail programs: one column, no remote content, no script, readable on a telephone and in the dark. */
export function page(explanation: Explanation): string {
  const { level, state, title, reason, instead, url, tags, rule } = explanation;
  const accent = state === 'open' ? accents[level] : closedAccent;
  return frame({ title, preview: reason, accent }, [
    markup`<div class="gw-muted" style="${style.brand}">Gatewatch</div>
      <h1 class="gw-title" style="${style.title}">${title}</h1>
      <div style="margin:0 0 14px;">
        <span style="${style.pill}background:${accents[level]};">${level}</span><span class="gw-state" style="${style.state}">${state}</span>
      </div>
      <p class="gw-text" style="${style.reason}">${reason}</p>`,
    instead ? markup`<p class="gw-note" style="${style.note}">${instead}</p>` : undefined,
    facts([...explanation.who, ...explanation.when, ...explanation.howMuch], explanation.who.length),
    markup`<a class="gw-button" href="${url}" style="${style.button}">Show this signal</a>`,
    section('What to do', explanation.runbook, 'action'),
    evidence(explanation),
    section('Why this matters', explanation.why, 'text'),
    list('May be harmless when', explanation.falsePositives),
    links(explanation.references),
    markup`<div class="gw-muted gw-foot" style="${style.foot}">
      ${tags.length ? markup`<div>${tags.map((tag) => markup`<span class="gw-tag" style="${style.tag}">${tag}</span>`)}</div>` : undefined}
      <div>Rule ${rule}</div>
      <div>All times are UTC.</div>
    </div>`,
  ]);
}

/** What every page has around its content. */
export function frame(
  { title, preview, accent }: { title: string; preview: string; accent: string },
  content: readonly (Markup | undefined)[],
): string {
  return markup`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="supported-color-schemes" content="light dark" />
    <meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no" />
    <title>${title}</title>
    <style>${new Markup(sheet)}</style>
  </head>
  <body class="gw-page" style="${style.body}">
    <div style="${style.hidden}">${preview}</div>
    <table role="presentation" class="gw-page" cellpadding="0" cellspacing="0" border="0" style="${style.page}"><tr><td align="center" class="gw-outer" style="${style.pageCell}">
      <table role="presentation" class="gw-card" cellpadding="0" cellspacing="0" border="0" style="${style.card}">
        <tr><td style="height:6px;line-height:6px;font-size:0;background:${accent};">&nbsp;</td></tr>
        <tr><td class="gw-inner" style="${style.inner}">
${content.filter((part) => part !== undefined).flatMap((part) => [part, new Markup('\n')])}
        </td></tr>
      </table>
    </td></tr></table>
  </body>
</html>
`.text;
}

function facts(rows: readonly Fact[], strong: number): Markup {
  return markup`<table class="gw-facts" cellpadding="0" cellspacing="0" border="0" style="${style.facts}">
    ${rows.map(
      ({ label, value }, index) =>
        markup`<tr><th scope="row" class="gw-label" style="${style.label}">${label}</th><td class="gw-value" style="${style.value}${index < strong ? style.strong : ''}">${value}</td></tr>\n`,
    )}</table>`;
}

function heading(title: string): Markup {
  return markup`<h2 class="gw-heading" style="${style.heading}">${title}</h2>\n`;
}

function section(title: string, text: string, look: 'action' | 'text'): Markup | undefined {
  if (!text) return undefined;
  const lines = text.split('\n').filter(Boolean);
  const paragraphs = lines.map((line, index) => markup`<div style="${index ? style.nextLine : ''}">${line}</div>`);
  return markup`${heading(title)}<div class="gw-${look}" style="${style[look]}">${paragraphs}</div>`;
}

function evidence({ evidence: lines, unshown }: Explanation): Markup | undefined {
  if (!lines.length) return undefined;
  const rows = lines.map(({ time, text }, index) => {
    const gap =
      unshown.count && index === unshown.before
        ? markup`<div class="gw-line gw-muted" style="${style.line}color:#667085;">… ${unshown.count} more …</div>\n`
        : undefined;
    const look = index === lines.length - 1 ? style.lastLine : style.line;
    return markup`${gap}<div class="gw-line" style="${look}"><span class="gw-muted" style="${style.stamp}">${time}</span>${text}</div>\n`;
  });
  return markup`${heading('Evidence')}<div class="gw-code" dir="ltr" style="${style.code}">${rows}</div>`;
}

function list(title: string, items: readonly string[]): Markup | undefined {
  return items.length
    ? markup`${heading(title)}<ul class="gw-text" style="${style.list}">${items.map((item) => markup`<li>${item}</li>`)}</ul>`
    : undefined;
}

function links(urls: readonly string[]): Markup | undefined {
  if (!urls.length) return undefined;
  return markup`${heading('Read on')}${urls.map((url) => markup`<div><a class="gw-link" href="${url}" style="${style.link}">${url}</a></div>`)}`;
}
