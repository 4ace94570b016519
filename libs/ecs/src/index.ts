export { Event, deadLetterReasons, eventId } from './event.js';
export type { DeadLetter, DeadLetterReason, EventIdentity, JsonObject, JsonValue } from './event.js';
export { FieldIndex, fields, slot } from './field.js';
export type { Field, FieldName, FieldType, FieldValue, GeoPoint } from './field.js';
export { deadLetterDocument, put, toDocument } from './document.js';
export { documentBase, eventOfDocument } from './read-document.js';
export { levels, severityOf, signalDocument } from './signal.js';
export type { Evidence, Level, Provenance, Signal, SignalRule, SignalStatus } from './signal.js';
