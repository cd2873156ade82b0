/** Settings of a Slack connection, and what is posted. Whoever has the address can post: the address is the secret. */
import { z } from 'zod';

export const SlackSettings = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .meta({
      title: 'Webhook URL',
      description: 'Of an incoming webhook; it belongs to one channel.',
      secret: true,
    }),
});
export type SlackSettings = z.output<typeof SlackSettings>;

export const PostInput = z.object({
  text: z
    .string()
    .max(40_000)
    .refine((text) => text.trim() !== '', 'must not be empty')
    .meta({ title: 'Text', description: 'Slack’s own mark-up; also what notifications show.' }),
  blocks: z
    .array(z.record(z.string(), z.json()))
    .min(1)
    .max(50)
    .optional()
    .meta({ title: 'Blocks', description: 'A layout of Block Kit.' }),
});
export type PostInput = z.infer<typeof PostInput>;
