import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';

/** What the server answers for a name and type: values, that there is no such name, that it failed, or nothing at all. */
export type DnsReply = readonly string[] | 'nxdomain' | 'servfail' | 'silent';

const types: Readonly<Record<number, string>> = { 1: 'A', 12: 'PTR', 28: 'AAAA' };
const codes = { nxdomain: 3, servfail: 2 } as const;

/** A name server on UDP for specs (RFC 1035): answers A, AAAA and PTR from a table, NXDOMAIN for everything else. */
export class DnsServer {
  /** Questions as they came: `PTR 1.66.249.66.in-addr.arpa`. */
  readonly questions: string[] = [];
  readonly #table = new Map<string, DnsReply>();
  readonly #socket: Socket = createSocket('udp4');

  /** As name servers are configured: address:port. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  listen(): Promise<void> {
    this.#socket.on('message', (message, from) => this.#answer(message, from));
    return new Promise((done) => this.#socket.bind(0, '127.0.0.1', done));
  }

  close(): Promise<void> {
    return new Promise((done) => this.#socket.close(done));
  }

  set(type: 'A' | 'AAAA' | 'PTR', name: string, reply: DnsReply): void {
    this.#table.set(`${type} ${name}`, reply);
  }

  #answer(message: Buffer, { port, address }: RemoteInfo): void {
    const labels: string[] = [];
    let at = 12;
    for (let length = message[at]!; length > 0; length = message[at]!) {
      labels.push(message.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const question = message.subarray(12, at + 5);
    const type = message.readUInt16BE(at + 1);
    const key = `${types[type]} ${labels.join('.').toLowerCase()}`;
    this.questions.push(key);
    const reply = this.#table.get(key) ?? 'nxdomain';
    if (reply === 'silent') return;
    const values = typeof reply === 'string' ? [] : reply;
    const head = Buffer.alloc(12);
    message.copy(head, 0, 0, 2);
    // An answer with recursion, and its code.
    head.writeUInt16BE(0x8180 | (typeof reply === 'string' ? codes[reply] : 0), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(values.length, 6);
    this.#socket.send(Buffer.concat([head, question, ...values.map((value) => record(type, value))]), port, address);
  }
}

function record(type: number, value: string): Buffer {
  const bytes = type === 12 ? nameOf(value) : type === 1 ? Buffer.from(value.split('.').map(Number)) : v6Of(value);
  const head = Buffer.alloc(12);
  // The name of the question, by a pointer to it.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, bytes]);
}

function nameOf(name: string): Buffer {
  return Buffer.concat([...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);
}

function v6Of(text: string): Buffer {
  const [left = '', right] = text.split('::');
  const groups = (part: string): string[] => part.split(':').filter(Boolean);
  const [head, tail] = [groups(left), groups(right ?? '')];
  const all = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
