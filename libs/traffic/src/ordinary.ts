import type { Call } from './call.js';
import { fillClient, type Client } from './population.js';
import type { Random } from './random.js';

const objects = ['orders', 'products', 'users', 'carts', 'invoices', 'addresses', 'reviews', 'shipments'];
const words = [
  'boots',
  'blue jacket',
  'o-ring',
  'tea kettle',
  'gift card',
  'desk lamp',
  'size 42',
  'used books',
  'and or not',
  'mother & child',
  '50% off',
  'c++ primer',
];
const encodedWords = words.map((word) => encodeURIComponent(word).replaceAll('%20', '+'));
const assets = ['/assets/app.4f2c.js', '/assets/app.91aa.css', '/assets/logo.svg', '/favicon.ico', '/assets/hero.webp'];
const page = 'https://shop.example.com/';

export interface OrdinaryScale {
  /** How many people and programs there are. */
  readonly clients: number;
  readonly seed: number;
  /** Share of the usual errors, 0 to 1: a service with more traffic has better clients, or its usual errors alone would look like an attack. */
  readonly trouble: number;
}

/** The ordinary day: who calls what, and how it ends. */
export class Ordinary {
  readonly #client: Client = { address: '', user: '', agent: '' };
  readonly #call: Call = { time: 0, address: '', user: '', method: 'GET', target: '/', status: 200, bytes: 0, referrer: '-', agent: '' };

  constructor(
    private readonly random: Random,
    private readonly scale: OrdinaryScale,
  ) {}

  /** The next call; the object is used again by the one after it. */
  call(time: number): Call {
    const { random } = this;
    const call = this.#call;
    const share = random.next();
    // The square makes a few clients busy and most rare: the busiest has one call in √clients.
    fillClient(this.#client, Math.floor(this.scale.clients * share * share), this.scale.seed);
    call.time = time;
    call.address = this.#client.address;
    call.agent = this.#client.agent;
    call.user = this.#client.user;
    call.method = 'GET';
    call.status = 200;
    call.referrer = page;
    call.bytes = 180 + random.int(4800);
    this.#route(call, random.int(1000));
    return call;
  }

  #route(call: Call, dice: number): void {
    const { random } = this;
    if (dice < 120) {
      call.target = assets[dice % assets.length]!;
      call.user = '';
      call.status = dice % 3 === 0 ? 304 : 200;
    } else if (dice < 135) this.#login(call, dice);
    else if (dice < 260) call.target = `/api/v1/search?q=${encodedWords[dice % encodedWords.length]}&page=${1 + (dice % 4)}`;
    else if (dice < 300) call.target = '/api/v1/me';
    else {
      const object = objects[dice % objects.length]!;
      call.target = `/api/v1/${object}/${1 + random.int(90000)}`;
      if (dice < 380) this.#write(call, object, dice);
      else this.#fate(call);
    }
  }

  #login(call: Call, dice: number): void {
    const { random } = this;
    call.method = 'POST';
    call.target = '/api/v1/login';
    call.bytes = 412;
    // One in fifteen mistypes.
    if (dice === 120 && random.next() < this.scale.trouble) [call.status, call.bytes] = [401, 87];
  }

  #write(call: Call, object: string, dice: number): void {
    call.method = dice % 4 === 0 ? 'PUT' : dice % 4 === 1 ? 'DELETE' : 'POST';
    if (call.method === 'POST') [call.target, call.status] = [`/api/v1/${object}`, 201];
    if (call.method === 'DELETE') [call.status, call.bytes] = [204, 0];
  }

  /** Few of the calls end badly on a good day: deleted objects, foreign objects, sessions that ended, bugs. */
  #fate(call: Call): void {
    const { random } = this;
    const dice = random.int(1000);
    if (dice >= 22 || random.next() >= this.scale.trouble) return;
    call.status = dice < 10 ? 404 : dice < 13 ? 403 : dice < 16 ? 401 : dice < 20 ? 304 : 500;
    call.bytes = 96;
    // The server does not know whose an ended session was.
    if (call.status === 401) call.user = '';
  }
}
