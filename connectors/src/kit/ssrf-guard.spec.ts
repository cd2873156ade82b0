import { describe, expect, it } from '@jest/globals';
import { checkUrl, resolveChecked, type EgressPolicy } from './ssrf-guard.js';

const strict: EgressPolicy = { allowPrivateAddresses: false };
const open: EgressPolicy = { allowPrivateAddresses: true };

describe('checkUrl', () => {
  it.each([
    'https://example.com/hook',
    'https://example.com:8443/hook?a=1',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://bücher.example/',
  ])('lets %s pass', (url) => {
    expect(checkUrl(url, strict)).toMatchObject({ allowed: true });
  });

  it.each<[string, string]>([
    ['https://127.0.0.1/', 'private_address'],
    ['https://127.1/', 'private_address'],
    ['https://0x7f.1/', 'private_address'],
    ['https://0x7f000001/', 'private_address'],
    ['https://0177.0.0.1/', 'private_address'],
    ['https://2130706433/', 'private_address'],
    ['https://017700000001/', 'private_address'],
    ['https://127.0.0.1./', 'private_address'],
    ['https://①②⑦.⓪.⓪.①/', 'private_address'],
    ['https://127。0。0。1/', 'private_address'],
    ['https://127．0．0．1/', 'private_address'],
    ['https://%31%32%37.0.0.1/', 'private_address'],
    ['https://0/', 'private_address'],
    ['https://0.0.0.0/', 'private_address'],
    ['https://169.254.169.254/latest/meta-data/', 'private_address'],
    ['https://0xa9fea9fe/', 'private_address'],
    ['https://[::1]/', 'private_address'],
    ['https://[::]/', 'private_address'],
    ['https://[0:0:0:0:0:0:0:1]/', 'private_address'],
    ['https://[::ffff:127.0.0.1]/', 'private_address'],
    ['https://[::ffff:7f00:1]/', 'private_address'],
    ['https://[::127.0.0.1]/', 'private_address'],
    ['https://[64:ff9b::169.254.169.254]/', 'private_address'],
    ['https://[2002:7f00:1::]/', 'private_address'],
    ['https://[fd00::1]/', 'private_address'],
    ['https://[fe80::1]/', 'private_address'],
    ['https://trusted.example@10.0.0.1/', 'credentials_in_url'],
    ['https://user:pass@example.com/', 'credentials_in_url'],
    ['https://trusted.example\\@127.0.0.1/', 'allowed: host is trusted.example'],
    ['http://example.com/', 'scheme'],
    ['ftp://example.com/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['gopher://127.0.0.1:25/', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['//example.com/', 'not_a_url'],
    ['https://', 'not_a_url'],
    ['https://exa mple.com/', 'not_a_url'],
    ['https://[fe80::1%25eth0]/', 'not_a_url'],
    ['https://256.256.256.256/', 'not_a_url'],
    ['', 'not_a_url'],
  ])('judges %s: %s', (url, reason) => {
    const verdict = checkUrl(url, strict);
    if (verdict.allowed) {
      // A backslash is a slash to the parser: what looks like userinfo has become a path.
      expect(`allowed: host is ${verdict.url.hostname}`).toBe(reason);
    } else {
      expect(verdict.reason).toBe(reason);
    }
  });

  it('opens http and private addresses for development only', () => {
    expect(checkUrl('http://127.0.0.1:3000/', open)).toMatchObject({ allowed: true });
    expect(checkUrl('http://user@127.0.0.1/', open)).toMatchObject({
      reason: 'credentials_in_url',
    });
    expect(checkUrl('ftp://127.0.0.1/', open)).toMatchObject({ reason: 'scheme' });
  });

  it('opens single hosts of our own network by name, and nothing beside them', () => {
    const policy: EgressPolicy = { ...strict, privateHosts: ['10.1.2.3', 'relay.internal'] };
    expect(checkUrl('http://10.1.2.3/', policy)).toMatchObject({ allowed: true });
    expect(checkUrl('http://relay.internal/', policy)).toMatchObject({ allowed: true });
    expect(checkUrl('https://10.1.2.4/', policy)).toMatchObject({ reason: 'private_address' });
    expect(checkUrl('http://relay.internal.example/', policy)).toMatchObject({ reason: 'scheme' });
  });

  it('holds to a list of ports when there is one, default ports included', () => {
    const policy: EgressPolicy = { ...strict, ports: [443] };
    expect(checkUrl('https://example.com/', policy)).toMatchObject({ allowed: true });
    expect(checkUrl('https://example.com:443/', policy)).toMatchObject({ allowed: true });
    expect(checkUrl('https://example.com:22/', policy)).toMatchObject({ reason: 'port' });
  });
});

describe('resolveChecked', () => {
  const answering = (...addresses: string[]): EgressPolicy => ({
    ...strict,
    resolve: () => Promise.resolve(addresses),
  });

  it('gives all addresses of a public name', async () => {
    expect(await resolveChecked('shop.example', answering('8.8.8.8', '2606:4700::1'))).toEqual({
      allowed: true,
      addresses: ['8.8.8.8', '2606:4700::1'],
    });
  });

  it.each([
    [['127.0.0.1']],
    [['8.8.8.8', '10.0.0.1']],
    [['2606:4700::1', '::ffff:192.168.0.1']],
    [['8.8.8.8', 'fe80::1%eth0']],
  ])('refuses a name when any of its addresses is private: %j', async (addresses) => {
    expect(await resolveChecked('shop.example', answering(...addresses))).toEqual({
      allowed: false,
      reason: 'private_address',
    });
  });

  it('refuses a name without addresses', async () => {
    expect(await resolveChecked('shop.example', answering())).toMatchObject({
      reason: 'no_address',
    });
  });

  it('asks nobody about a host that is an address already', async () => {
    const policy: EgressPolicy = {
      ...strict,
      resolve: () => Promise.reject(new TypeError('asked')),
    };
    expect(await resolveChecked('[::1]', policy)).toMatchObject({ reason: 'private_address' });
    expect(await resolveChecked('8.8.4.4', policy)).toMatchObject({ addresses: ['8.8.4.4'] });
  });

  it('checks what the system makes of odd numbers, which resolvers read as addresses', async () => {
    for (const host of ['2130706433', '0x7f.1', '127.1', 'localhost']) {
      expect(await resolveChecked(host, strict)).toMatchObject({ reason: 'private_address' });
    }
  });

  it('passes the resolver’s own error on', async () => {
    const policy: EgressPolicy = { ...strict, resolve: () => Promise.reject(new RangeError('no')) };
    await expect(resolveChecked('shop.example', policy)).rejects.toThrow(RangeError);
  });
});
