import { beforeAll, describe, expect, it } from 'vitest'
import { type TestMachine, testMachine } from '#engine/linux/testing/testmachine'
import { opensslPrograms } from '#engine/programs/network/openssl/index'

const machine = testMachine({ programs: opensslPrograms, files: { '/work/.keep': '', '/work/san.cnf': 'subjectAltName=DNS:web,IP:10.0.0.1\nextendedKeyUsage=serverAuth\n', '/work/bad.cnf': 'subjectAltName=foo\n' } })
const run = (line: string, input?: string): ReturnType<TestMachine['run']> => machine.run(['openssl', ...line.split(' ')], { cwd: '/work', limitMs: 600_000, ...(input === undefined ? {} : { input }) })
const text = async (line: string, input?: string): Promise<string> => (await run(line, input)).stdout

beforeAll(async () => {
  for (const name of ['ca', 'web', 'other']) await run(`ecparam -name prime256v1 -genkey -noout -out ${name}.key`)
  await run('req -x509 -new -key ca.key -subj /CN=Authority -days 10 -out ca.crt')
  await run('req -new -key web.key -subj /O=acme/CN=web -out web.csr')
  await run('x509 -req -in web.csr -CA ca.crt -CAkey ca.key -days 5 -extfile san.cnf -out web.crt')
})

describe('openssl x509', () => {
  it('shows subject, issuer and extensions of a certificate', async () => {
    expect(await text('x509 -in web.crt -noout -subject -issuer')).toBe('subject=O = acme, CN = web\nissuer=CN = Authority\n')
    expect(await text('x509 -in web.crt -noout -ext extendedKeyUsage,subjectAltName')).toBe('X509v3 Subject Alternative Name: \n    DNS:web, IP Address:10.0.0.1\nX509v3 Extended Key Usage: \n    TLS Web Server Authentication\n')
  })

  it('tells whether a certificate will have expired by then', async () => {
    expect(await run('x509 -in web.crt -noout -checkend 60')).toMatchObject({ stdout: 'Certificate will not expire\n', code: 0 })
    expect(await run('x509 -in web.crt -noout -checkend 864000')).toMatchObject({ stdout: 'Certificate will expire\n', code: 1 })
  })

  it('does not sign with the key of somebody else', async () => {
    const signed = await run('x509 -req -in web.csr -CA ca.crt -CAkey other.key -out x.crt')
    expect(signed.code).toBe(1)
    expect(signed.stderr).toContain('CA certificate and CA private key do not match')
  })

  it('names the extension that is wrong before it says anything else', async () => {
    expect((await run('x509 -req -in web.csr -CA ca.crt -CAkey ca.key -extfile bad.cnf')).stderr).toMatch(/^Error checking extension section default\n.*missing value.*\n.*name=subjectAltName, value=foo\n$/)
  })
})

describe('openssl verify', () => {
  it('follows the chain to the authority', async () => {
    expect(await run('verify -CAfile ca.crt web.crt')).toMatchObject({ stdout: 'web.crt: OK\n', code: 0 })
    expect(await text('verify -show_chain -CAfile ca.crt web.crt')).toBe('web.crt: OK\nChain:\ndepth=0: O = acme, CN = web (untrusted)\ndepth=1: CN = Authority\n')
  })

  it('says who signed without being known, and which name does not fit', async () => {
    expect(await run('verify web.crt')).toMatchObject({ code: 2, stderr: 'O = acme, CN = web\nerror 20 at 0 depth lookup: unable to get local issuer certificate\nerror web.crt: verification failed\n' })
    expect((await run('verify -CAfile ca.crt -verify_hostname mail web.crt')).stderr).toContain('error 62 at 0 depth lookup: hostname mismatch')
  })
})

describe('openssl enc, passwd and dgst', () => {
  it('encrypts with AES as other machines decrypt it', async () => {
    expect(await text('enc -aes-256-cbc -pbkdf2 -k secret -a -nosalt', 'hi\n')).toBe('C0cj8cOVnYchSsGnHEKhiw==\n')
    expect(await text('enc -d -aes-256-cbc -pbkdf2 -k secret -a -nosalt', 'C0cj8cOVnYchSsGnHEKhiw==\n')).toBe('hi\n')
  })

  it.each([
    ['-1', '$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1'], ['-apr1', '$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/'], ['-5', '$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.'],
    ['-6', '$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.'],
  ])('passwd %s makes the hash that crypt makes', async (kind, hash) => {
    expect(await text(`passwd ${kind} -salt abcdefgh secret`)).toBe(`${hash}\n`)
  })

  it('dgst names digest and input', async () => {
    expect(await text('dgst -sha1', 'hi\n')).toBe('SHA1(stdin)= 55ca6286e3e4f4fba5d0448333fa99fc5a404a73\n')
  })

  it('each command has its own words for an option it does not know', async () => {
    expect((await run('verify -foo')).stderr).toBe('verify: Unknown option: -foo\nverify: Use -help for summary.\n')
    expect((await run('req -foo')).stderr).toBe('req: Unknown option or message digest: foo\nreq: Use -help for summary.\n')
    expect((await run('enc -foo')).stderr).toMatch(/^enc: Unknown cipher: foo\nenc: Use -help for summary\.\n/)
  })
})
