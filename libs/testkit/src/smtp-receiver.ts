import type { AddressInfo } from 'node:net';
import type { SMTPServerOptions } from 'smtp-server';
import { selfSigned } from './self-signed.js';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** The message as it came over the wire. */
  readonly source: string;
}

/** What the server says to the next commands instead of "250": a code and a text. */
export interface Refusal {
  readonly code: number;
  readonly text: string;
}

export interface SmtpReceiver {
  readonly port: number;
  readonly mails: ReceivedMail[];
  /** Refusals of the next messages, after DATA. */
  readonly refusals: Refusal[];
  /** Refusals by recipient, used once each. */
  readonly refusedRecipients: Map<string, Refusal>;
  close(): Promise<void>;
}

export interface SmtpReceiverOptions {
  /** 0 takes a free one. */
  readonly port?: number;
  /** It asks for this user and password. */
  readonly login?: { readonly user: string; readonly password: string };
  /** It encrypts with {@link selfSigned}: from the first byte, or once asked to. */
  readonly tls?: 'implicit' | 'starttls';
}

/** A real SMTP server on this machine. */
export async function startSmtpReceiver({ port = 0, login, tls }: SmtpReceiverOptions = {}): Promise<SmtpReceiver> {
  const { SMTPServer } = await import('smtp-server');
  const mails: ReceivedMail[] = [];
  const refusals: Refusal[] = [];
  const refusedRecipients = new Map<string, Refusal>();
  const options: SMTPServerOptions = {
    disabledCommands: [...(tls === 'starttls' ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    secure: tls === 'implicit',
    ...(tls && selfSigned),
    authOptional: !login,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 50,
    onAuth({ username, password }, _session, done) {
      if (username === login?.user && password === login?.password) return done(null, { user: username });
      // As some real servers do, it repeats what it was told.
      done(refusal({ code: 535, text: `5.7.8 no such login ${username} ${password}` }));
    },
    onRcptTo({ address }, _session, done) {
      const refused = refusedRecipients.get(address);
      refusedRecipients.delete(address);
      done(refused && refusal(refused));
    },
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const refused = refusals.shift();
        if (refused) return done(refusal(refused));
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          source: Buffer.concat(pieces).toString('utf8'),
        });
        done();
      });
    },
  };
  const server = new SMTPServer(options);
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    refusals,
    refusedRecipients,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function refusal({ code, text }: Refusal): Error {
  return Object.assign(new Error(text), { responseCode: code });
}
