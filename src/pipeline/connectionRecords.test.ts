import t from 'tap';
import {
  acceptText,
  closeText,
  cryptoEndText,
  cryptoStartText,
  refusalText,
  tlsAcceptText,
} from './connectionRecords.ts';

const peer = { address: '::ffff:192.0.2.1', port: 1023 };

// Section 9.4 of the specification.
t.test('Records of connections have the texts of the reference', async t => {
  t.equal(acceptText(peer), 'addr=::ffff:192.0.2.1 port=1023 res=success');
  t.equal(closeText(peer), 'addr=::ffff:192.0.2.1 port=1023 res=success');
  for (const op of ['wrap', 'port', 'dup', 'alloc', 'handshake-limit'] as const) {
    t.equal(refusalText(op, peer), `op=${op} addr=::ffff:192.0.2.1 port=1023 res=no`);
  }
});

t.test('A TLS client that got in, and one that did not', async t => {
  const outcome = { identity: 'node-a', profile: 'pqc', version: 'TLSv1.3', cipher: 'C', group: 'G' };
  const head = 'role=collector addr=::ffff:192.0.2.1 port=1023';
  t.equal(
    tlsAcceptText(peer, { ...outcome, reason: 'success' }),
    `op=tls-accept res=success ${head} id=node-a profile=pqc reason=success auth=psk tls_version=TLSv1.3 cipher=C group=G`,
  );
  t.equal(
    tlsAcceptText(peer, {
      reason: 'no-psk-identity',
      identity: null,
      profile: 'pqc',
      version: null,
      cipher: null,
      group: null,
    }),
    `op=tls-accept res=no ${head} id=? profile=pqc reason=no-psk-identity auth=psk tls_version=none cipher=none group=unknown`,
  );
  const long = tlsAcceptText(peer, { ...outcome, reason: 'success', identity: 'i'.repeat(200) });
  t.match(long, ` id=${'i'.repeat(128)} profile=`);
});

// Section 9.6: two blanks before exe.
t.test('A TLS session is logged for each direction at its start, once at its end', async t => {
  const local = { address: '::ffff:192.0.2.9', port: 60 };
  const session = {
    peer,
    local,
    cipher: 'TLS_AES_128_GCM_SHA256',
    keyBits: 128,
    group: 'X25519',
    pid: 9,
    executable: '/x',
  };
  const ends =
    'spid=9 suid=? rport=1023 laddr=::ffff:192.0.2.9 lport=60  exe="/x" hostname=? addr=::ffff:192.0.2.1 terminal=? res=success';
  const cipher = 'cipher=TLS_AES_128_GCM_SHA256 ksize=128 mac=<implicit> pfs=X25519';
  t.equal(cryptoStartText(session, 'from-client'), `op=start direction=from-client ${cipher} ${ends}`);
  t.equal(cryptoStartText(session, 'from-server'), `op=start direction=from-server ${cipher} ${ends}`);
  t.equal(cryptoEndText(session), `op=destroy kind=session fp=? direction=both ${ends}`);
});
