import t from 'tap';
import { FieldError } from '../../base/errors.ts';
import type { Fault } from '../../base/keyValueFile.ts';
import { pluginFindings } from './plugins.ts';

const FILE = '/etc/audit/plugins.d/copy.conf';
const fault = (severity: Fault['severity'], expected = 'string, binary or json'): Fault => ({
  severity,
  error: new FieldError({ file: FILE, line: 3, field: 'format', value: 'xml', expected }),
});
const facts = (...faults: Fault[]) => ({ isRoot: true, scan: { plugins: [], faults, broken: [], skipped: [] } });

t.test('Files without a fault give nothing to say', async t => {
  t.strictSame(pluginFindings(facts()), []);
});

t.test('What turns a plugin off is a problem with file and line; all else is advice', async t => {
  t.match(pluginFindings(facts(fault('fatal'), fault('warning'))), [
    {
      level: 'problem',
      subject: 'plugins',
      found: `${FILE}:3: format = "xml": expected string, binary or json`,
      remedy: `Correct line 3 of ${FILE} (format): expected string, binary or json`,
    },
    { level: 'advice', why: /level warning/ },
  ]);
});

t.test('What only root may open is unchecked for others, and a fault for root', async t => {
  const denied = facts(fault('fatal', 'a file that opens (Permission denied)'));
  t.match(pluginFindings({ ...denied, isRoot: false }), [{ level: 'advice', found: /run as root/ }]);
  t.match(pluginFindings(denied), [{ level: 'problem' }]);
});
