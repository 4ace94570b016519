import { decompress as decompressZstd } from 'fzstd';
import kafkajs from 'kafkajs';
import snappy from 'kafkajs-snappy';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { ServiceError } from '#telemetry';
import { makeEncoderRoomy } from './roomy-encoder.js';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** Of kafkajs: what a codec is given to compress. */
interface Encoder {
  readonly buffer: Buffer;
}

/** Teaches kafkajs the compressions that it does not know by itself: Snappy and LZ4 both ways, Zstandard to read; and to take less memory for what it writes. Once for the process. */
export function useCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = snappy;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstd;
  makeEncoderRoomy();
}

export const lz4 = {
  compress: ({ buffer }: Encoder): Promise<Buffer> => compressFrame(buffer),
  decompress: (buffer: Buffer): Promise<Buffer> => decompressFrame(buffer),
};

export const zstd = {
  compress: (): Promise<Buffer> => Promise.reject(new ServiceError('kafka_unfit', 'Zstandard can be read and not written; use lz4.')),
  decompress: (buffer: Buffer): Promise<Buffer> => Promise.resolve(Buffer.from(decompressZstd(buffer))),
};
