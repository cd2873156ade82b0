import { describe, expect, it } from '@jest/globals';
import { endpointOf, targetOf } from './smtp-target.js';
import { SmtpSettings } from './smtp.settings.js';

const plain = SmtpSettings.parse({ host: 'smtp.example', from: 'a@b.example' });
const login = { ...plain, user: 'u', pass: 'p' };
const endpoint = { host: 'smtp.example', port: 587 };

describe('targetOf', () => {
  it('demands TLS with a valid certificate before a password goes out to the internet', () => {
    const { options } = targetOf(login, endpoint, ['10.0.0.1', '8.8.8.8']);
    expect(options).toMatchObject({
      requireTLS: true,
      opportunisticTLS: false,
      tls: { servername: 'smtp.example', rejectUnauthorized: true },
    });
  });

  it('takes what TLS there is where no password is sent, or inside our own network', () => {
    const loose = { requireTLS: false, opportunisticTLS: true, tls: { rejectUnauthorized: false } };
    expect(targetOf(plain, endpoint, ['8.8.8.8']).options).toMatchObject(loose);
    expect(targetOf(login, endpoint, ['127.0.0.1']).options).toMatchObject(loose);
  });

  it('checks the certificate wherever TLS is asked for from the start', () => {
    const { options } = targetOf({ ...plain, secure: true }, endpoint, ['127.0.0.1']);
    expect(options).toMatchObject({ secure: true, tls: { rejectUnauthorized: true } });
  });

  it('logs in only with both user and password', () => {
    expect(targetOf(login, endpoint, ['8.8.8.8']).login).toEqual({ user: 'u', pass: 'p' });
    expect(targetOf({ ...plain, user: 'u' }, endpoint, ['8.8.8.8'])).not.toHaveProperty('login');
  });
});

describe('endpointOf', () => {
  it('is the one of the settings unless it is overridden', () => {
    expect(endpointOf(plain, undefined)).toEqual(endpoint);
    expect(endpointOf(plain, 'smtp://127.0.0.1:2525')).toEqual({ host: '127.0.0.1', port: 2525 });
    expect(endpointOf(plain, 'smtp://127.0.0.1')).toEqual({ host: '127.0.0.1', port: 587 });
  });
});
