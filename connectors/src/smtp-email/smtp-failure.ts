/** What an SMTP conversation that ended badly tells us, and what follows from it. */
import { ambiguous, configFault, itemFault, retryable, type DeliveryFault } from '../kit/faults.js';

/** How far the conversation had come. From `data` on, the message may have been taken. */
export type SmtpStage = 'connect' | 'login' | 'envelope' | 'data';

export interface SmtpFailureFacts {
  readonly stage: SmtpStage;
  /** nodemailer's code, such as ESOCKET. */
  readonly code: string;
  /** The command that the reply answers, such as RCPT TO. */
  readonly command: string;
  readonly responseCode?: number;
  /** The server's own words. */
  readonly response?: string;
}

export class SmtpFailure extends Error {
  readonly code = 'smtp_failure';

  constructor(
    readonly facts: SmtpFailureFacts,
    cause?: unknown,
  ) {
    super(`SMTP failed at ${facts.stage}`, { cause });
  }
}

export function faultOfSmtp(facts: SmtpFailureFacts): DeliveryFault {
  const { responseCode } = facts;
  if (responseCode === undefined) return faultWithoutReply(facts);
  const message = describe(facts);
  // 503 says that we lost the thread of the conversation, not that the mail is refused.
  if (responseCode < 500 || responseCode === 503) return retryable('temporarily_refused', message);
  if (isLogin(facts)) return { class: 'authInvalid', code: 'auth_invalid', message };
  if (facts.stage === 'connect') return configFault('provider_refused_connection', message);
  if (facts.command === 'MAIL FROM') return configFault('sender_refused', message);
  return isDeadAddress(facts)
    ? { class: 'invalidItem', code: 'hard_bounce', message, permanentAddress: true }
    : itemFault('message_refused', message);
}

function faultWithoutReply({ stage, code, command }: SmtpFailureFacts): DeliveryFault {
  if (stage === 'data') return ambiguous('outcome_unknown', `${code} after the message was sent`);
  if (code === 'EAUTH' || code === 'ENOAUTH') {
    return { class: 'authInvalid', code: 'auth_invalid', message: code };
  }
  if (code === 'EMESSAGE' && command === 'MAIL FROM') return itemFault('item_too_large', code);
  if (code === 'EENVELOPE') return itemFault('item_invalid', code);
  if (code === 'EDNS') return retryable('dns_failure', code);
  if (code === 'ETLS') return retryable('tls_failure', code);
  if (code === 'ETIMEDOUT') return retryable('connect_timeout', code);
  if (code === 'EABORT') return retryable('cancelled', code);
  return retryable('network_unreachable', code);
}

function isLogin({ stage, command, responseCode }: SmtpFailureFacts): boolean {
  // 530: authentication required, said at MAIL FROM by servers that were not given a password.
  return stage === 'login' || command.startsWith('AUTH') || responseCode === 530;
}

/**
 * Is it the address that is dead, so that nobody should ever write to it again?
 * Enhanced status codes decide where there are any: 550 alone also serves for "your mail looks like spam" (5.7.x), and that must not suppress a customer.
 */
function isDeadAddress({ command, responseCode, response }: SmtpFailureFacts): boolean {
  const enhanced = /^\d{3}[ -](5\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1];
  if (enhanced !== undefined && enhanced !== '5.0.0') {
    // 5.1.7 and 5.1.8 speak of the sender's address; 5.2.1 is a mailbox that has been closed.
    if (enhanced === '5.1.7' || enhanced === '5.1.8') return false;
    return enhanced.startsWith('5.1.') || enhanced === '5.2.1';
  }
  return command === 'RCPT TO' && [550, 551, 553].includes(responseCode ?? 0);
}

/** The server's words help whoever has to mend it, but they like to repeat the address. */
function describe({ response, responseCode }: SmtpFailureFacts): string {
  const words = (response ?? `SMTP ${responseCode ?? 0}`).slice(0, 400);
  return words
    .replace(/[^\s<>@"']+@[^\s<>@"']+/g, '(address)')
    .replace(/\s+/g, ' ')
    .slice(0, 200);
}
