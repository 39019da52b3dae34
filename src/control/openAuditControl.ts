import { ControlSocket } from '../binding/control.ts';
import { AuditControl } from './auditControl.ts';

/** The kernel's audit over a socket of its own, which lasts until the process ends or `close` is called. */
export function openAuditControl(): { control: AuditControl; close: () => void } {
  const socket = new ControlSocket();
  return { control: new AuditControl(socket), close: () => socket.close() };
}
