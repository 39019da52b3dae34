import t from 'tap';
import { receiveDrops } from './receiveDrops.ts';

const TABLE = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
0000000000000000 9   1234       00000000 0        0        0     2        17       4711    
0000000000000000 9   0          00000000 0        0        0     2        0        5       
`;

t.test('Drops are those of the socket with this inode', async t => {
  t.equal(receiveDrops(4711, TABLE), 17);
  t.equal(receiveDrops(5, TABLE), 0);
});

t.test('A socket that is not in the table has no drops to tell', async t => {
  t.equal(receiveDrops(99, TABLE), null);
  t.equal(receiveDrops(99, ''), null);
});
