import type { Explanation, Fact } from '../../explanation.js';

/** The explanation as plain text, for people and programs that do not show HTML. */
export function plainText(explanation: Explanation): string {
  const { title, reason, level, state, instead, url, falsePositives, tags, references, rule } = explanation;
  const facts = [...explanation.who, ...explanation.when, ...explanation.howMuch];
  const sections = [
    `${title}\n${level} · ${state}`,
    instead,
    reason,
    factLines(facts),
    titled('WHAT TO DO', explanation.runbook),
    titled('EVIDENCE', evidenceLines(explanation)),
    titled('WHY THIS MATTERS', explanation.why),
    titled('MAY BE HARMLESS WHEN', falsePositives.map((text) => `- ${text}`).join('\n')),
    titled('READ ON', references.join('\n')),
    `Signal: ${url}\nRule:   ${rule}${tags.length ? `\nTags:   ${tags.join(', ')}` : ''}`,
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function titled(title: string, text: string): string {
  return text && `${title}\n${text}`;
}

function factLines(facts: readonly Fact[]): string {
  const width = Math.max(...facts.map(({ label }) => label.length)) + 2;
  return facts.map(({ label, value }) => `${`${label}:`.padEnd(width)}${value}`).join('\n');
}

function evidenceLines({ evidence, unshown }: Explanation): string {
  const lines = evidence.map(({ time, text }) => `${time}  ${text}`);
  if (unshown.count) lines.splice(unshown.before, 0, `… ${unshown.count} more …`);
  return lines.join('\n');
}
