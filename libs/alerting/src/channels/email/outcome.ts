import type { Delivery, Reason } from '../../delivery/delivery.js';
import { withoutSecrets } from '../../delivery/secrets.js';

/** The parts of nodemailer's errors that decide: `code` is nodemailer's or Node's word, `responseCode` the server's (RFC 5321, 4.2). */
interface MailError {
  readonly code?: string;
  /** Node's word where `code` only says that the socket failed. */
  readonly originalCode?: string;
  readonly responseCode?: number;
  readonly command?: string;
  readonly message?: string;
}

/** What an attempt that threw means: the server's word first, since 4xx asks to be tried again and 5xx not to; then the way to it. */
export function outcomeOf(error: unknown, secrets: readonly string[]): Delivery {
  const { code, originalCode, responseCode, command, message } = error as MailError;
  const detail = withoutSecrets(message ?? 'no reason given', secrets);
  // Also where the server answers STARTTLS with 5xx: whoever strips encryption from the way must not make us give up.
  if (code === 'ETLS') return { outcome: 'retry', reason: 'tls', detail };
  if (responseCode !== undefined && responseCode >= 400 && responseCode < 600) {
    const reason = reasonOf(responseCode, command);
    return responseCode < 500 ? { outcome: 'retry', reason, detail } : { outcome: 'rejected', reason, detail };
  }
  if (code === 'EAUTH' || code === 'ENOAUTH') return { outcome: 'rejected', reason: 'auth', detail };
  // A message or an address that nodemailer itself will not send does not become better by waiting.
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return { outcome: 'rejected', reason: 'client_error', detail };
  if (code === 'ETIMEDOUT') return { outcome: 'retry', reason: 'timeout', detail };
  if (ofEncryption.test(originalCode ?? code ?? '')) return { outcome: 'retry', reason: 'tls', detail };
  return { outcome: 'retry', reason: 'unreachable', detail };
}

// Node's and OpenSSL's names: CERT_HAS_EXPIRED, ERR_TLS_CERT_ALTNAME_INVALID, UNABLE_TO_VERIFY_LEAF_SIGNATURE, EPROTO (no TLS spoken there).
const ofEncryption = /CERT|TLS|SSL|SIGNATURE|INVALID_CA|EPROTO/;

function reasonOf(responseCode: number, command: string | undefined): Reason {
  if ((command ?? '').startsWith('AUTH') || responseCode === 530 || responseCode === 534 || responseCode === 535) return 'auth';
  if (command === 'RCPT TO') return 'recipient';
  if (responseCode === 421) return 'unreachable';
  return responseCode < 500 ? 'server_error' : 'client_error';
}
