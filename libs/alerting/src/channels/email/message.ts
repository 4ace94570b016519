import { explain } from '../../explanation.js';
import type { Notice, SignalNotice } from '../../notice.js';
import { quiet } from '../../visible.js';
import type { EmailConfig } from './config.js';
import { digestMail } from './digest.js';
import { page } from './page.js';
import { plainText } from './plain-text.js';

/** A mail in the words of nodemailer, without recipients and transport. */
export interface Mail {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly date: Date;
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references?: string;
  readonly headers: Readonly<Record<string, string>>;
}

const subjectLimit = 150;

/** Builds the mail for a notice. The same notice gives the same mail, to the byte of its headers: a repeated attempt is the same message. */
export function mailOf(notice: Notice, config: EmailConfig, baseUrl: string): Mail {
  const domain = config.from.slice(config.from.lastIndexOf('@') + 1);
  const messageId = (id: string): string => `<${id}@${domain}>`;
  const common = {
    from: { name: config.from_name, address: config.from },
    to: config.to,
    date: new Date(notice.at),
    messageId: messageId(notice.id),
  };
  // RFC 3834: no vacation notice may answer this.
  const headers = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };
  if (notice.kind === 'digest') {
    const { subject, text, html } = digestMail(notice, baseUrl);
    return { ...common, subject: `[Gatewatch] ${subject}`, text, html, headers };
  }
  const explanation = explain(notice, baseUrl);
  const thread = notice.id === notice.opening ? {} : { inReplyTo: messageId(notice.opening), references: messageId(notice.opening) };
  return {
    ...common,
    ...thread,
    subject: subjectOf(notice),
    text: plainText(explanation),
    html: page(explanation),
    headers: { ...headers, 'X-Gatewatch-Signal': quiet(notice.signal.id, 100), 'X-Gatewatch-Level': notice.signal.rule.level },
  };
}

/** "[high] Login failures from one address: 203.0.113.7", behind "Closed:" at the end of an episode. One line, without anything that acts. */
export function subjectOf({ signal, untold, instead }: SignalNotice): string {
  const state = signal.status !== 'closed' ? '' : untold ? 'Opened and closed: ' : 'Closed: ';
  const who = Object.values(signal.group)
    .map((value) => quiet(value, 60))
    .join(', ');
  const title = quiet(signal.rule.title, 90);
  const prefix = instead ? 'Fallback: ' : '';
  return quiet(`${prefix}${state}[${signal.rule.level}] ${title}${who ? `: ${who}` : ''}`, subjectLimit);
}
