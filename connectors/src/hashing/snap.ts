/** Customer-list fields in the form that Snap hashes and compares. */
import { phoneDigits } from './phone.js';
import { metaFields } from './meta.js';
import { advertisingId } from './text.js';

export const snapFields = {
  /** As Meta has it: lower case, nothing taken away inside. */
  email: metaFields.email,
  phone: phoneDigits,
  /** Hashed, unlike elsewhere. */
  mobileAdId: advertisingId,
};
