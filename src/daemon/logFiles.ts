import { SystemError } from '../base/errors.ts';
import { addon } from '../binding/addon.ts';
import { type Files, nodeFiles } from '../sinks/log/files.ts';

/** The log's file calls: Node's, and the addon's one for two that Node would take to another thread one by one. */
export const logFiles: Files = {
  ...nodeFiles,
  async append(fd, bytes) {
    const { errno, ...appended } = await addon.append(fd, bytes);
    if (errno !== 0) throw new SystemError({ syscall: 'write', errno, path: null });
    return appended;
  },
};
