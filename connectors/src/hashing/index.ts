/** How people's identifiers are brought into each vendor's form and hashed, so that they match there and say nothing elsewhere. */
export { countryCode } from './countries.js';
export { googleFields } from './google.js';
export { birthDateOf, metaFields, type BirthDate } from './meta.js';
export { hashed, isHashed, sha256, type Normalise } from './sha256.js';
export { snapFields } from './snap.js';
