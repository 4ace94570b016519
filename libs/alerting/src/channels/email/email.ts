import { createTransport } from 'nodemailer';
import { late, withDeadline } from '../../delivery/deadline.js';
import type { Delivery } from '../../delivery/delivery.js';
import { withoutSecrets } from '../../delivery/secrets.js';
import type { Channel, ChannelParts } from '../../notice.js';
import { defineChannel } from '../define.js';
import { emailConfig, type EmailConfig } from './config.js';
import { mailOf, type Mail } from './message.js';
import { outcomeOf } from './outcome.js';

/** Sends notices as mail, by SMTP (RFC 5321). */
export const email = defineChannel(emailConfig, emailChannel);

function emailChannel(config: EmailConfig, { clock, baseUrl }: ChannelParts): Channel {
  const transport = createTransport(transportOf(config));
  const secrets = secretsOf(config);
  const served = new Served(config.to);

  function deliver(mail: Mail, recipients: readonly string[]): Promise<Sent> {
    const { headers, from, to, ...rest } = mail;
    const envelope = { from: config.from, to: [...recipients] };
    const locked = { xMailer: false, disableFileAccess: true, disableUrlAccess: true } as const;
    return transport.sendMail({ ...rest, from: { ...from }, to: [...to], headers: { ...headers }, envelope, ...locked }) as Promise<Sent>;
  }

  return {
    async send(notice) {
      const mail = mailOf(notice, config, baseUrl);
      try {
        const sent = await withDeadline(clock, config.smtp.timeout * 3, () => deliver(mail, served.missing(notice.id)));
        if (sent === late) return { outcome: 'retry', reason: 'timeout', detail: 'the server took too long' };
        served.keep(notice.id, temporarilyRefused(sent));
        return ofAll(sent, secrets);
      } catch (error) {
        return outcomeOf(error, secrets);
      }
    },
    close: () => transport.close(),
  };
}

/** Who still lacks a message that the others have got. Forgotten at a restart: then the others get it once more, under the same Message-ID. */
class Served {
  readonly #waiting = new Map<string, readonly string[]>();
  static readonly #limit = 1000;

  constructor(private readonly everybody: readonly string[]) {}

  missing(id: string): readonly string[] {
    return this.#waiting.get(id) ?? this.everybody;
  }

  keep(id: string, waiting: readonly string[]): void {
    this.#waiting.delete(id);
    if (!waiting.length) return;
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size >= Served.#limit && oldest !== undefined) this.#waiting.delete(oldest);
    this.#waiting.set(id, waiting);
  }
}

interface Sent {
  readonly response: string;
  readonly rejected?: readonly unknown[];
  readonly rejectedErrors?: readonly { readonly responseCode?: number; readonly recipient?: unknown; readonly message: string }[];
}

/** The server took the message for some: it is tried again for those whom it asked to wait for (a grey list, a full mailbox), and for nobody else. */
function ofAll(sent: Sent, secrets: readonly string[]): Delivery {
  const refused = sent.rejectedErrors ?? [];
  const said = refused.length ? `; ${refused.length} recipients refused: ${refused[0]!.message}` : '';
  const detail = withoutSecrets(`${sent.response}${said}`, secrets);
  return temporarilyRefused(sent).length ? { outcome: 'retry', reason: 'recipient', detail } : { outcome: 'delivered', detail };
}

function temporarilyRefused({ rejectedErrors }: Sent): string[] {
  return (rejectedErrors ?? [])
    .filter(({ responseCode }) => responseCode !== undefined && responseCode < 500)
    .map(({ recipient }) => String(recipient));
}

function transportOf({ smtp }: EmailConfig): NonNullable<Parameters<typeof createTransport>[0]> {
  const { host, port, security, user, password, timeout, tls } = smtp;
  return {
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user !== undefined && password && { auth: { user, pass: password.reveal() } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
    tls: {
      rejectUnauthorized: tls.verify,
      minVersion: 'TLSv1.2',
      ...(tls.ca && { ca: tls.ca }),
      ...(tls.server_name && { servername: tls.server_name }),
    },
  };
}

/** Servers like to repeat what they were told; AUTH PLAIN says user and password in one base64. */
function secretsOf({ smtp: { user, password } }: EmailConfig): string[] {
  if (!password) return [];
  const plain = Buffer.from(`\0${user}\0${password.reveal()}`).toString('base64');
  return [plain, plain.replace(/=+$/, ''), password.reveal()];
}
