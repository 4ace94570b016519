import { isIP, isIPv4 } from 'node:net';
import { z } from 'zod';
import { Secret } from '#telemetry';
import { formatDuration, parseDuration, type Millis } from '#time';

/** What a building block says about itself, for error texts and the reference manual. */
export interface Block {
  /** The word of the reference manual: `duration`. */
  readonly type: string;
  /** Completes "expected …"; absent where the schema's own checks say it well. */
  readonly expects?: string;
  readonly remedy?: string;
  /** The value is never shown and may come from a file (`password_file`). */
  readonly secret?: true;
  /** Turns a validated value back into what one writes. */
  show?(value: unknown): string;
}

/** Building blocks by schema. `.describe()`, `.optional()` and `.default()` keep the entry. */
export const blocks: z.core.$ZodRegistry<Block> = z.registry<Block>();

type Read<T> = z.ZodPipe<z.ZodString, z.ZodTransform<Awaited<T>, string>>;

/** Says more exactly what was expected. */
class Wrong {
  constructor(readonly message: string) {}
}

/** A text that is read as something else; `undefined` from `read` means it is not one. */
function readAs<T>(block: Block & { readonly expects: string }, read: (text: string) => T | Wrong | undefined): Read<T> {
  const schema = z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined && !(value instanceof Wrong)) return value;
    context.issues.push({ code: 'custom', input: text, message: value instanceof Wrong ? value.message : `expected ${block.expects}` });
    return z.NEVER;
  });
  return schema.register(blocks, block);
}

export interface DurationLimits {
  readonly min?: string;
  readonly max?: string;
}

/**
 * "5m", "90s", "1h30m" → milliseconds. A bare number is refused: it does not say its unit.
 * @param byDefault what holds when the key is missing, written as a person would.
 */
export function duration(byDefault?: undefined, limits?: DurationLimits): Read<Millis>;
export function duration(byDefault: string, limits?: DurationLimits): z.ZodPrefault<Read<Millis>>;
export function duration(byDefault?: string, { min, max }: DurationLimits = {}): Read<Millis> | z.ZodPrefault<Read<Millis>> {
  const schema = readAs<Millis>(
    {
      type: 'duration',
      expects: 'a duration with a unit',
      remedy: 'write 5m, 90s or 1h30m',
      show: (value) => (typeof value === 'number' ? formatDuration(value).replaceAll(' ', '') : String(value)),
    },
    (text) => {
      const millis = parseDuration(text);
      if (millis === undefined) return undefined;
      if (min !== undefined && millis < parseDuration(min)!) return new Wrong(`expected a duration of at least ${min}`);
      if (max !== undefined && millis > parseDuration(max)!) return new Wrong(`expected a duration of at most ${max}`);
      return millis;
    },
  );
  return byDefault === undefined ? schema : schema.prefault(byDefault);
}

const sizes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

export interface SizeLimits {
  readonly min?: string;
  readonly max?: string;
}

/** "10MiB", "512 KiB", "1.5GB" → bytes. A bare number is refused, as for durations. */
export function bytes(byDefault?: undefined, limits?: SizeLimits): Read<number>;
export function bytes(byDefault: string, limits?: SizeLimits): z.ZodPrefault<Read<number>>;
export function bytes(byDefault?: string, { min, max }: SizeLimits = {}): Read<number> | z.ZodPrefault<Read<number>> {
  const schema = readAs<number>({ type: 'size', expects: 'a size with a unit', remedy: 'write 512KiB, 10MiB or 2GB' }, (text) => {
    const size = parseBytes(text);
    if (size === undefined) return undefined;
    if (min !== undefined && size < parseBytes(min)!) return new Wrong(`expected a size of at least ${min}`);
    if (max !== undefined && size > parseBytes(max)!) return new Wrong(`expected a size of at most ${max}`);
    return size;
  });
  return byDefault === undefined ? schema : schema.prefault(byDefault);
}

function parseBytes(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?([kKMGT]i?B|B)$/.exec(text) ?? [];
  const factor = sizes[unit === 'KB' ? 'kB' : (unit ?? '')];
  return factor === undefined ? undefined : Math.round(Number(amount) * factor);
}

/** A value that must not be printed. May be given by `<key>_file` or `${NAME}` instead. */
export function secret(): Read<Secret> {
  return readAs(
    {
      type: 'secret',
      expects: 'a text',
      remedy: 'put it in quotes, or keep it out of the file with `<key>_file` or ${NAME}',
      secret: true,
    },
    (text) => (text === '' ? new Wrong('expected a text that is not empty') : new Secret(text)),
  );
}

/** A TCP port to connect to, or to listen on (`0` = any free one, if `orAny`). */
export function port({ orAny = false } = {}): z.ZodInt {
  const least = orAny ? 0 : 1;
  return z
    .int()
    .min(least)
    .max(65_535)
    .register(blocks, { type: 'port', remedy: `a port is a number from ${least} to 65535` });
}

/** An IPv4 or IPv6 address, or a network in CIDR notation; kept as text. */
export function ipOrCidr(): Read<string> {
  const remedy = 'write 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32';
  return readAs({ type: 'address or network', expects: 'an IP address or a network in CIDR notation', remedy }, (text) => {
    const [address = '', bits, ...more] = text.split('/');
    if (isIP(address) === 0 || more.length) return undefined;
    if (bits === undefined) return text;
    return /^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128) ? text : undefined;
  });
}

/** An `http:` or `https:` address without user and password: those belong into secrets. */
export function httpUrl(): Read<string> {
  const remedy = 'write https://example.org/path; user and password do not belong into it';
  return readAs({ type: 'URL', expects: 'an http or https URL', remedy }, (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const plain = url && (url.protocol === 'https:' || url.protocol === 'http:') && !url.username && !url.password;
    return plain ? text : undefined;
  });
}

/** A time zone by its IANA name, or a fixed offset. */
export function timeZone(): Read<string> {
  return readAs({ type: 'time zone', expects: 'a time zone', remedy: 'write Europe/Berlin, UTC or +02:00' }, (text) => {
    if (/^[+-](?:0\d|1[0-4]):[0-5]\d$/.test(text)) return text;
    try {
      return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone && text;
    } catch {
      // The only way Intl has to say that it does not know a zone.
      return undefined;
    }
  });
}
