import { describe, expect, it } from '@jest/globals';
import { faultOfSmtp, SmtpFailure, type SmtpFailureFacts } from './smtp-failure.js';

const said = (
  command: string,
  response: string,
  stage: SmtpFailureFacts['stage'] = 'envelope',
): SmtpFailureFacts => ({
  stage,
  command,
  code: 'EENVELOPE',
  responseCode: Number(response.slice(0, 3)),
  response,
});
const silent = (
  stage: SmtpFailureFacts['stage'],
  code: string,
  command = 'CONN',
): SmtpFailureFacts => ({ stage, code, command });

describe('faultOfSmtp', () => {
  it.each<[string, SmtpFailureFacts, string]>([
    ['greylisting', said('RCPT TO', '450 4.7.1 try later'), 'temporarily_refused'],
    ['mailbox busy', said('RCPT TO', '451 4.3.0 busy'), 'temporarily_refused'],
    ['server closing', said('DATA', '421 4.4.2 closing', 'data'), 'temporarily_refused'],
    ['bad sequence', said('RCPT TO', '503 5.5.1 bad sequence'), 'temporarily_refused'],
    [
      'temporary login failure',
      said('AUTH PLAIN', '454 4.7.0 later', 'login'),
      'temporarily_refused',
    ],
    ['greylisting after the body', said('DATA', '451 later', 'data'), 'temporarily_refused'],
    ['unknown user', said('RCPT TO', '550 5.1.1 no such user'), 'hard_bounce'],
    ['unknown user without enhanced code', said('RCPT TO', '550 no such user'), 'hard_bounce'],
    ['user not local', said('RCPT TO', '551 not here'), 'hard_bounce'],
    ['name not allowed', said('RCPT TO', '553 5.1.3 bad address'), 'hard_bounce'],
    ['unknown domain', said('RCPT TO', '554 5.1.2 bad domain'), 'hard_bounce'],
    ['mailbox disabled', said('RCPT TO', '550 5.2.1 disabled'), 'hard_bounce'],
    ['no detail', said('RCPT TO', '550 5.0.0 failed'), 'hard_bounce'],
    ['unknown user, told after the body', said('DATA', '550 5.1.1 unknown', 'data'), 'hard_bounce'],
    ['spam', said('RCPT TO', '550 5.7.1 looks like spam'), 'message_refused'],
    ['relay denied', said('RCPT TO', '554 5.7.1 relay access denied'), 'message_refused'],
    ['mailbox full', said('RCPT TO', '552 5.2.2 over quota'), 'message_refused'],
    ['sender’s address', said('RCPT TO', '550 5.1.8 bad sender domain'), 'message_refused'],
    ['spam, told after the body', said('DATA', '554 spam', 'data'), 'message_refused'],
    ['bare 550 after the body', said('DATA', '550 refused', 'data'), 'message_refused'],
    ['sender not owned', said('MAIL FROM', '553 5.7.1 sender not owned by user'), 'sender_refused'],
    ['login refused', said('AUTH PLAIN', '535 5.7.8 bad credentials', 'login'), 'auth_invalid'],
    ['login demanded', said('MAIL FROM', '530 5.7.0 authentication required'), 'auth_invalid'],
    [
      'turned away at the door',
      said('CONN', '554 no service for you', 'connect'),
      'provider_refused_connection',
    ],
    ['silence after the body', silent('data', 'ETIMEDOUT'), 'outcome_unknown'],
    ['reset after the body', silent('data', 'ESOCKET'), 'outcome_unknown'],
    ['closed after the body', silent('data', 'ECONNECTION'), 'outcome_unknown'],
    ['silence before the body', silent('envelope', 'ETIMEDOUT'), 'connect_timeout'],
    ['no greeting', silent('connect', 'ETIMEDOUT'), 'connect_timeout'],
    ['refused', silent('connect', 'ESOCKET'), 'network_unreachable'],
    ['closed before the body', silent('envelope', 'ECONNECTION'), 'network_unreachable'],
    ['unknown host', silent('connect', 'EDNS'), 'dns_failure'],
    ['bad certificate', silent('connect', 'ETLS'), 'tls_failure'],
    ['no credentials', silent('login', 'EAUTH', 'API'), 'auth_invalid'],
    ['address that cannot be an address', silent('envelope', 'EENVELOPE', 'API'), 'item_invalid'],
    ['too large for the server', silent('envelope', 'EMESSAGE', 'MAIL FROM'), 'item_too_large'],
  ])('%s', (_name, facts, code) => {
    expect(faultOfSmtp(facts).code).toBe(code);
  });

  it('marks an address as dead only for a hard bounce', () => {
    expect(faultOfSmtp(said('RCPT TO', '550 5.1.1 no'))).toMatchObject({ permanentAddress: true });
    expect(faultOfSmtp(said('RCPT TO', '550 5.7.1 spam'))).not.toHaveProperty('permanentAddress');
  });

  it('keeps the server’s words without the addresses in them', () => {
    const fault = faultOfSmtp(
      said(
        'RCPT TO',
        "550 5.1.1 <person-1@example.com>: 'Person-1@EXAMPLE.com' unknown\r\n550 bye",
      ),
    );
    expect(fault.message).toBe("550 5.1.1 <(address)>: '(address)' unknown 550 bye");
    expect(faultOfSmtp(said('RCPT TO', `550 ${'x'.repeat(5_000)}`)).message.length).toBeLessThan(
      201,
    );
  });

  it('says nothing of the conversation in the error itself', () => {
    const failure = new SmtpFailure(said('RCPT TO', '550 <person-1@example.com>'));
    expect(failure.message).toBe('SMTP failed at envelope');
  });
});
