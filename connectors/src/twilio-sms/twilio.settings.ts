/** Settings of a Twilio connection and the input of a text message. */
import { z } from 'zod';
import { BaseUrl } from '../kit/base-url.js';

/** A phone number as E.164 has it. */
const PhoneNumber = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'must be a phone number with + and country code');

const ONE_SENDER = 'needs a sender: either from or messagingServiceSid';

export const TwilioSettings = z
  .object({
    accountSid: z
      .string()
      .regex(/^AC[0-9a-f]{32}$/, 'must be AC and 32 hexadecimal digits')
      .meta({ title: 'Account SID' }),
    authToken: z.string().min(16).max(200).meta({
      title: 'Auth token',
      description: 'Sends, and verifies what Twilio reports back.',
      secret: true,
    }),
    from: z
      .string()
      .regex(/^(\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z0-9][A-Za-z0-9 ]{0,10})$/, 'must be a sender')
      .optional()
      .meta({ title: 'From', description: 'A number of yours, a short code or a sender name.' }),
    messagingServiceSid: z
      .string()
      .regex(/^MG[0-9a-f]{32}$/, 'must be MG and 32 hexadecimal digits')
      .optional()
      .meta({ title: 'Messaging service SID', description: 'Instead of From.' }),
    statusCallback: z
      .url({ protocol: /^https?$/ })
      .max(1_000)
      .optional()
      .meta({
        title: 'Status callback',
        description: 'The receipt address of this connection; without it no receipts come back.',
      }),
    baseUrl: BaseUrl,
  })
  .refine(
    ({ from, messagingServiceSid }) => (from === undefined) !== (messagingServiceSid === undefined),
    { path: ['from'], message: ONE_SENDER },
  );
export type TwilioSettings = z.output<typeof TwilioSettings>;

/** Twilio takes 1,600 characters and no more. */
export const TextInput = z.object({
  to: PhoneNumber.meta({ title: 'To' }),
  text: z
    .string()
    .max(1_600)
    .refine((text) => text.trim() !== '', 'must not be empty')
    .meta({ title: 'Text' }),
});
export type TextInput = z.infer<typeof TextInput>;
