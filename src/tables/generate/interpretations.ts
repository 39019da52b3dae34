import type { NumberedName } from '../nameTable.ts';

/** Numbers that fields hold and how they are printed: the reference's own choice of entries, spelling and order. */
export interface InterpretationTable {
  readonly array: string; // its name in C++
  readonly order: 'numbers' | 'bits'; // looked up by number, or printed bit by bit in this order
  readonly prefix: string; // what the header's constant has before the name, which is then in capitals
  readonly headers: readonly string[]; // below /usr/include: where a constant is defined, the numbers must agree
  readonly entries: string; // NUMBER NAME, separated by commas
}

/** The entries of a table, in its order. */
export function entriesOf(table: InterpretationTable): readonly NumberedName[] {
  return table.entries.split(',').map((entry): NumberedName => {
    const [number = '', name = ''] = entry.trim().split(' ');
    return [Number(number), name];
  });
}

/**
 * What terminals send for a key, in the order in which sequences are tried: SEQUENCE=NAME, where ESC is byte 1B, CSI
 * byte 9B, SS3 byte 8F, <01> byte 01, and the rest is itself.
 */
export const TERMINAL_KEYS = String.raw`
<01>=^A  <02>=^B  <03>=^C  <04>=^D  <05>=^E  <06>=^F  <07>=^G  <08>=backspace  <09>=tab  <0A>=nl  <0B>=^K
<0C>=^L  <0D>=ret  <0E>=^N  <0F>=^O  <10>=^P  <11>=^Q  <12>=^R  <13>=^S  <14>=^T  <15>=^U  <16>=^V  <17>=^W
<18>=^X  <19>=^Y  <1A>=^Z  <7F>=backspace  ESC[11;2~=F13  ESC[11;3~=F49  ESC[11;4~=F61  ESC[11;5~=F25
ESC[11;6~=F37  ESC[12;2~=F14  ESC[12;3~=F50  ESC[12;4~=F62  ESC[12;5~=F26  ESC[12;6~=F38  ESC[13;2~=F15
ESC[13;3~=F51  ESC[13;4~=F63  ESC[13;5~=F27  ESC[13;6~=F39  ESC[14;2~=F16  ESC[14;3~=F52  ESC[14;5~=F28
ESC[14;6~=F40  ESC[15;2~=F17  ESC[15;3~=F53  ESC[15;5~=F29  ESC[15;6~=F41  ESC[17;2~=F18  ESC[17;3~=F54
ESC[17;5~=F30  ESC[17;6~=F42  ESC[18;2~=F19  ESC[18;3~=F55  ESC[18;5~=F31  ESC[18;6~=F43  ESC[19;2~=F20
ESC[19;3~=F56  ESC[19;5~=F32  ESC[19;6~=F44  ESC[20;2~=F21  ESC[20;3~=F57  ESC[20;5~=F33  ESC[20;6~=F45
ESC[21;2~=F22  ESC[21;3~=F58  ESC[21;5~=F34  ESC[21;6~=F46  ESC[23;2~=F23  ESC[23;3~=F59  ESC[23;5~=F35
ESC[23;6~=F47  ESC[24;2~=F24  ESC[24;3~=F60  ESC[24;5~=F36  ESC[24;6~=F48  ESCO1;2A=scroll-backward
ESCO1;2B=scroll-forward  ESCO1;2C=shift-right  ESCO1;2D=shift-left  ESC[192z=F11  ESC[193z=resume
ESC[194z=options  ESC[195z=undo  ESC[196z=help  ESC[197z=copy  ESC[198z=F17  ESC[199z=F18
ESC[1;2A=scroll-backward  ESC[1;2B=scroll-forward  ESC[1;2C=shift-right  ESC[1;2D=shift-left
ESC[1;2F=shift-end  ESC[1;2H=shift-home  ESC[200z=find  ESC[201z=F20  ESC[208z=F31  ESC[209z=F32
ESC[210z=F33  ESC[211z=F34  ESC[212z=F35  ESC[213z=F36  ESC[214z=home  ESC[215z=F38  ESC[216z=page-up
ESC[217z=F40  ESC[218z=B2  ESC[219z=F42  ESC[220z=end  ESC[221z=F44  ESC[222z=page-down  ESC[224z=F1
ESC[225z=F2  ESC[226z=F3  ESC[227z=F4  ESC[228z=F5  ESC[229z=F6  ESC[230z=F7  ESC[231z=F8  ESC[232z=F9
ESC[233z=F10  ESC[234z=F11  ESC[235z=F12  ESC[2;2~=shift-insert  ESC[2;5~=shift-insert  ESC[3;2~=shift-del
ESC[3;5~=shift-del  ESC[5;2~=shift-previous  ESC[5;5~=shift-previous  ESC[6;2~=shift-next
ESC[6;5~=shift-next  ESC[11^=F23  ESC[11~=F1  ESC[12^=F24  ESC[12~=F2  ESC[13^=F25  ESC[13~=F3  ESC[14^=F26
ESC[14~=F4  ESC[15^=F27  ESC[15~=F5  ESC[17^=F28  ESC[17~=F6  ESC[18^=F29  ESC[18~=F7  ESC[19^=F30
ESC[19~=F8  ESC[20^=F31  ESC[20~=F9  ESC[21^=F32  ESC[21~=F10  ESC[23$=F21  ESC[23@=F43  ESC[23^=F33
ESC[23~=F11  ESC[24$=F22  ESC[24@=F44  ESC[24^=F34  ESC[24~=F12  ESC[25^=F35  ESC[25~=F13  ESC[26^=F36
ESC[26~=F14  ESC[28^=F37  ESC[28~=F15  ESC[29^=F38  ESC[29~=F16  ESC[30~=insert-line  ESC[31^=F39
ESC[31~=F17  ESC[32^=F40  ESC[32~=F18  ESC[33^=F41  ESC[33~=F19  ESC[34^=F42  ESC[34~=F20
ESCO2A=scroll-backward  ESCO2B=scroll-forward  ESCO2C=shift-right  ESCO2D=shift-left  ESCO2P=F13  ESCO2Q=F14
ESCO2R=F15  ESCO2S=F16  ESCO3P=F49  ESCO3Q=F50  ESCO3R=F51  ESCO3S=F52  ESCO4P=F61  ESCO4Q=F62  ESCO4R=F63
ESCO5C=shift-right  ESCO5D=shift-left  ESCO5F=shift-end  ESCO5H=shift-home  ESCO5P=F25  ESCO5Q=F26
ESCO5R=F27  ESCO5S=F28  ESCO6P=F37  ESCO6Q=F38  ESCO6R=F39  ESCO6S=F40  ESC[1~=home  ESC[2$=shift-insert
ESC[2z=insert  ESC[2~=insert  ESC[3$=shift-del  ESC[3z=delete  ESC[3~=delete  ESC[4~=end
ESC[5$=shift-previous  ESC[5~=page-up  ESC[6$=shift-next  ESC[6~=page-down  ESC[7$=shift-home  ESC[7~=home
ESC[8$=shift-end  ESC[8^=delete-eol  ESC[8~=end  ESC[>M=mouse  ESC[[A=F1  ESC[[B=F2  ESC[[C=F3  ESC[[D=F4
ESC[[E=F5  CSI11~=F1  CSI12~=F2  CSI13~=F3  CSI14~=F4  CSI15~=F5  CSI17~=F6  CSI18~=F7  CSI19~=F8  CSI20~=F9
CSI21~=F10  CSI23~=F11  CSI24~=F12  CSI25~=F13  CSI26~=F14  CSI28~=F15  CSI29~=F16  CSI31~=F17  CSI32~=F18
CSI33~=F19  CSI34~=F20  ESC2$=shift-insert  ESCOA=up  ESCOB=down  ESCOC=right  ESCOD=left  ESCOE=B2
ESCOF=end  ESCOH=home  ESCOM=send  ESCOP=F1  ESCOQ=F2  ESCOR=F3  ESCOS=F4  ESCOT=F5  ESCOU=F6  ESCOV=F7
ESCOW=F8  ESCOX=F9  ESCOY=F10  ESCOZ=F11  ESCO[=F12  ESCOl=F8  ESCOn=C3  ESCOp=C1  ESCOq=C1  ESCOr=B2
ESCOs=C3  ESCOt=F5  ESCOu=B2  ESCOv=F7  ESCOw=A1  ESCOx=F10  ESCOy=A3  ESC[9=delete  ESC[@=F41  ESC[A=up
ESC[B=down  ESC[C=right  ESC[D=left  ESC[E=B2  ESC[F=end  ESC[G=B2  ESC[H=home  ESC[I=page-up  ESC[L=insert
ESC[M=mouse  ESC[N=F2  ESC[O=F3  ESC[P=F4  ESC[Q=F5  ESC[R=F6  ESC[S=F7  ESC[T=F8  ESC[U=F9  ESC[V=F10
ESC[W=F11  ESC[X=F12  ESC[Y=F13  ESC[Z=back-tab  ESC[[=F42  ESC[\=F43  ESC[]=F44  ESC[^=F45  ESC[_=F46
ESC[${'`'}=F47  ESC[a=F15  ESC[b=F16  ESC[c=shift-right  ESC[d=shift-left  ESC[e=F19  ESC[f=F20  ESC[g=F21
ESC[h=F22  ESC[i=F23  ESC[j=F24  ESC[k=F25  ESC[l=F26  ESC[m=F27  ESC[n=F28  ESC[o=F29  ESC[p=F30  ESC[q=F31
ESC[r=F32  ESC[s=F33  ESC[t=F34  ESC[u=F35  ESC[v=F36  ESC[w=F37  ESC[x=F38  ESC[y=F39  ESC[z=F40  ESC[{=F48
CSI1~=home  CSI2~=insert  CSI3~=delete  CSI4~=end  CSI5~=page-up  CSI6~=page-down  ESCA=up  ESCB=down
ESCC=right  ESCD=left  ESCF=end  ESCJ=clear  ESCP=delete  ESCQ=insert  ESCS=page-down  ESCT=page-up
ESCh=home  ESCp=F1  ESCq=F2  ESCr=F3  ESCs=F4  ESCt=F5  ESCu=F6  ESCv=F7  ESCw=F8  ESC<09>=back-tab  SS3A=up
SS3B=down  SS3C=right  SS3D=left  SS3E=begin  SS3M=send  SS3q=C1  SS3s=C3  SS3u=A3  SS3w=A1  SS3y=B2
CSIM=mouse  CSIZ=back-tab  ESC=esc
`;

export const INTERPRETATION_TABLES: readonly InterpretationTable[] = [
  {
    array: 'kCapabilities',
    order: 'numbers',
    prefix: 'CAP_',
    headers: ['linux/capability.h'],
    entries: `
      0 chown, 1 dac_override, 2 dac_read_search, 3 fowner, 4 fsetid, 5 kill, 6 setgid, 7 setuid, 8 setpcap,
      9 linux_immutable, 10 net_bind_service, 11 net_broadcast, 12 net_admin, 13 net_raw, 14 ipc_lock,
      15 ipc_owner, 16 sys_module, 17 sys_rawio, 18 sys_chroot, 19 sys_ptrace, 20 sys_pacct, 21 sys_admin,
      22 sys_boot, 23 sys_nice, 24 sys_resource, 25 sys_time, 26 sys_tty_config, 27 mknod, 28 lease,
      29 audit_write, 30 audit_control, 31 setfcap, 32 mac_override, 33 mac_admin, 34 syslog, 35 wake_alarm,
      36 block_suspend, 37 audit_read, 38 perfmon, 39 bpf, 40 checkpoint_restore`,
  },
  {
    array: 'kCloneFlags',
    order: 'bits',
    prefix: '',
    headers: ['linux/sched.h'],
    entries: `
      0x100 CLONE_VM, 0x200 CLONE_FS, 0x400 CLONE_FILES, 0x800 CLONE_SIGHAND, 0x2000 CLONE_PTRACE,
      0x4000 CLONE_VFORK, 0x8000 CLONE_PARENT, 0x10000 CLONE_THREAD, 0x20000 CLONE_NEWNS, 0x40000 CLONE_SYSVSEM,
      0x80000 CLONE_SETTLS, 0x100000 CLONE_PARENT_SETTID, 0x200000 CLONE_CHILD_CLEARTID, 0x400000 CLONE_DETACHED,
      0x800000 CLONE_UNTRACED, 0x1000000 CLONE_CHILD_SETTID, 0x2000000 CLONE_STOPPED, 0x4000000 CLONE_NEWUTS,
      0x8000000 CLONE_NEWIPC, 0x10000000 CLONE_NEWUSER, 0x20000000 CLONE_NEWPID, 0x40000000 CLONE_NEWNET,
      0x80000000 CLONE_IO, 0x100000000 CLONE_CLEAR_SIGHAND, 0x200000000 CLONE_INTO_CGROUP`,
  },
  {
    array: 'kEpollOperations',
    order: 'numbers',
    prefix: '',
    headers: ['linux/eventpoll.h'],
    entries: `
      1 EPOLL_CTL_ADD, 2 EPOLL_CTL_DEL, 3 EPOLL_CTL_MOD`,
  },
  {
    array: 'kFcntlCommands',
    order: 'numbers',
    prefix: '',
    headers: ['linux/fcntl.h', 'asm-generic/fcntl.h'],
    entries: `
      0 F_DUPFD, 1 F_GETFD, 2 F_SETFD, 3 F_GETFL, 4 F_SETFL, 5 F_GETLK, 6 F_SETLK, 7 F_SETLKW, 8 F_SETOWN,
      9 F_GETOWN, 10 F_SETSIG, 11 F_GETSIG, 12 F_GETLK64, 13 F_SETLK64, 14 F_SETLKW64, 15 F_SETOWN_EX,
      16 F_GETOWN_EX, 17 F_GETOWNER_UIDS, 1024 F_SETLEASE, 1025 F_GETLEASE, 1026 F_NOTIFY, 1029 F_CANCELLK,
      1030 F_DUPFD_CLOEXEC, 1031 F_SETPIPE_SZ, 1032 F_GETPIPE_SZ, 1033 F_ADD_SEALS, 1034 F_GET_SEALS,
      1035 F_GET_RW_HINT, 1036 F_SET_RW_HINT, 1037 F_GET_FILE_RW_HINT, 1038 F_SET_FILE_RW_HINT`,
  },
  {
    array: 'kFsconfigCommands',
    order: 'numbers',
    prefix: '',
    headers: ['linux/mount.h'],
    entries: `
      0 FSCONFIG_SET_FLAG, 1 FSCONFIG_SET_STRING, 2 FSCONFIG_SET_BINARY, 3 FSCONFIG_SET_PATH,
      4 FSCONFIG_SET_PATH_EMPTY, 5 FSCONFIG_SET_FD, 6 FSCONFIG_CMD_CREATE, 7 FSCONFIG_CMD_RECONFIGURE,
      8 FSCONFIG_CMD_CREATE_EXCL`,
  },
  {
    array: 'kIpcCommands',
    order: 'bits',
    prefix: '',
    headers: ['linux/ipc.h'],
    entries: `
      0x200 IPC_CREAT, 0x400 IPC_EXCL, 0x800 IPC_NOWAIT`,
  },
  {
    array: 'kMmapFlags',
    order: 'bits',
    prefix: '',
    headers: ['asm-generic/mman-common.h', 'asm-generic/mman.h', 'linux/mman.h'],
    entries: `
      0x1 MAP_SHARED, 0x2 MAP_PRIVATE, 0x10 MAP_FIXED, 0x20 MAP_ANONYMOUS, 0x40 MAP_32BIT, 0x100 MAP_GROWSDOWN,
      0x800 MAP_DENYWRITE, 0x1000 MAP_EXECUTABLE, 0x2000 MAP_LOCKED, 0x4000 MAP_NORESERVE, 0x8000 MAP_POPULATE,
      0x10000 MAP_NONBLOCK, 0x20000 MAP_STACK, 0x40000 MAP_HUGETLB, 0x80000 MAP_SYNC, 0x100000 MAP_FIXED_NOREPLACE,
      0x4000000 MAP_UNINITIALIZED`,
  },
  {
    array: 'kMountFlags',
    order: 'bits',
    prefix: '',
    headers: ['linux/mount.h'],
    entries: `
      0x1 MS_RDONLY, 0x2 MS_NOSUID, 0x4 MS_NODEV, 0x8 MS_NOEXEC, 0x10 MS_SYNCHRONOUS, 0x20 MS_REMOUNT,
      0x40 MS_MANDLOCK, 0x80 MS_DIRSYNC, 0x400 MS_NOATIME, 0x800 MS_NODIRATIME, 0x1000 MS_BIND, 0x2000 MS_MOVE,
      0x4000 MS_REC, 0x8000 MS_SILENT, 0x10000 MS_POSIXACL, 0x20000 MS_UNBINDABLE, 0x40000 MS_PRIVATE,
      0x80000 MS_SLAVE, 0x100000 MS_SHARED, 0x200000 MS_RELATIME, 0x400000 MS_KERNMOUNT, 0x800000 MS_I_VERSION,
      0x1000000 MS_STRICTATIME, 0x2000000 MS_LAZYTIME, 0x4000000 MS_SUBMOUNT, 0x8000000 MS_SNAP_STABLE,
      0x10000000 MS_NOSEC, 0x20000000 MS_BORN, 0x40000000 MS_ACTIVE, 0x80000000 MS_NOUSER`,
  },
  {
    array: 'kOpenFlags',
    order: 'bits',
    prefix: '',
    headers: ['asm-generic/fcntl.h'],
    entries: `
      0x1 O_WRONLY, 0x2 O_RDWR, 0x40 O_CREAT, 0x80 O_EXCL, 0x100 O_NOCTTY, 0x200 O_TRUNC, 0x400 O_APPEND,
      0x800 O_NONBLOCK, 0x1000 O_DSYNC, 0x2000 O_ASYNC, 0x4000 O_DIRECT, 0x10000 O_DIRECTORY, 0x20000 O_NOFOLLOW,
      0x40000 O_NOATIME, 0x80000 O_CLOEXEC, 0x100000 __O_SYNC, 0x200000 O_PATH, 0x400000 __O_TMPFILE`,
  },
  {
    array: 'kPersonalities',
    order: 'numbers',
    prefix: '',
    headers: [],
    entries: `
      0x0 PER_LINUX, 0x800000 PER_LINUX_32BIT, 0x4100001 PER_SVR4, 0x5000002 PER_SVR3, 0x7000003 PER_SCOSVR3,
      0x6000003 PER_OSR5, 0x5000004 PER_WYSEV386, 0x4000005 PER_ISCR4, 0x6 PER_BSD, 0x4000006 PER_SUNOS,
      0x5000007 PER_XENIX, 0x8 PER_LINUX32, 0x8000008 PER_LINUX32_3GB, 0x4000009 PER_IRIX32, 0x400000a PER_IRIXN32,
      0x400000b PER_IRIX64, 0xc PER_RISCOS, 0x400000d PER_SOLARIS, 0x410000e PER_UW7, 0xf PER_OSF4, 0x10 PER_HPUX`,
  },
  {
    array: 'kProtections',
    order: 'bits',
    prefix: '',
    headers: ['asm-generic/mman-common.h'],
    entries: `
      0x1 PROT_READ, 0x2 PROT_WRITE, 0x4 PROT_EXEC, 0x8 PROT_SEM, 0x1000000 PROT_GROWSDOWN, 0x2000000 PROT_GROWSUP`,
  },
  {
    array: 'kPtraceRequests',
    order: 'numbers',
    prefix: '',
    headers: ['linux/ptrace.h', 'x86_64-linux-gnu/asm/ptrace-abi.h'],
    entries: `
      0x0 PTRACE_TRACEME, 0x1 PTRACE_PEEKTEXT, 0x2 PTRACE_PEEKDATA, 0x3 PTRACE_PEEKUSER, 0x4 PTRACE_POKETEXT,
      0x5 PTRACE_POKEDATA, 0x6 PTRACE_POKEUSER, 0x7 PTRACE_CONT, 0x8 PTRACE_KILL, 0x9 PTRACE_SINGLESTEP,
      0xc PTRACE_GETREGS, 0xd PTRACE_SETREGS, 0xe PTRACE_GETFPREGS, 0xf PTRACE_SETFPREGS, 0x10 PTRACE_ATTACH,
      0x11 PTRACE_DETACH, 0x12 PTRACE_GETFPXREGS, 0x13 PTRACE_SETFPXREGS, 0x18 PTRACE_SYSCALL,
      0x19 PTRACE_GET_THREAD_AREA, 0x1a PTRACE_SET_THREAD_AREA, 0x1e PTRACE_ARCH_PRCTL, 0x1f PTRACE_SYSEMU,
      0x20 PTRACE_SYSEMU_SINGLESTEP, 0x21 PTRACE_SINGLEBLOCK, 0x4200 PTRACE_SETOPTIONS, 0x4201 PTRACE_GETEVENTMSG,
      0x4202 PTRACE_GETSIGINFO, 0x4203 PTRACE_SETSIGINFO, 0x4204 PTRACE_GETREGSET, 0x4205 PTRACE_SETREGSET,
      0x4206 PTRACE_SEIZE, 0x4207 PTRACE_INTERRUPT, 0x4208 PTRACE_LISTEN, 0x4209 PTRACE_PEEKSIGINFO,
      0x420a PTRACE_GETSIGMASK, 0x420b PTRACE_SETSIGMASK, 0x420c PTRACE_SECCOMP_GET_FILTER,
      0x420d PTRACE_SECCOMP_GET_METADATA, 0x420e PTRACE_GET_SYSCALL_INFO, 0x420f PTRACE_GET_RSEQ_CONFIGURATION,
      0x4210 PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG, 0x4211 PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG`,
  },
  {
    array: 'kMessageFlags',
    order: 'bits',
    prefix: '',
    headers: [],
    entries: `
      0x1 MSG_OOB, 0x2 MSG_PEEK, 0x4 MSG_DONTROUTE, 0x8 MSG_CTRUNC, 0x10 MSG_PROXY, 0x20 MSG_TRUNC,
      0x40 MSG_DONTWAIT, 0x80 MSG_EOR, 0x100 MSG_WAITALL, 0x200 MSG_FIN, 0x400 MSG_SYN, 0x800 MSG_CONFIRM,
      0x1000 MSG_RST, 0x2000 MSG_ERRQUEUE, 0x4000 MSG_NOSIGNAL, 0x8000 MSG_MORE, 0x10000 MSG_WAITFORONE,
      0x20000 MSG_SENDPAGE_NOTLAST, 0x40000 MSG_BATCH, 0x20000000 MSG_FASTOPEN, 0x40000000 MSG_CMSG_CLOEXEC,
      0x80000000 MSG_CMSG_COMPAT`,
  },
  {
    array: 'kResourceLimits',
    order: 'numbers',
    prefix: '',
    headers: ['asm-generic/resource.h'],
    entries: `
      0 RLIMIT_CPU, 1 RLIMIT_FSIZE, 2 RLIMIT_DATA, 3 RLIMIT_STACK, 4 RLIMIT_CORE, 5 RLIMIT_RSS, 6 RLIMIT_NPROC,
      7 RLIMIT_NOFILE, 8 RLIMIT_MEMLOCK, 9 RLIMIT_AS, 10 RLIMIT_LOCKS, 11 RLIMIT_SIGPENDING, 12 RLIMIT_MSGQUEUE,
      13 RLIMIT_NICE, 14 RLIMIT_RTPRIO, 15 RLIMIT_RTTIME`,
  },
  {
    array: 'kSeekOrigins',
    order: 'numbers',
    prefix: '',
    headers: ['linux/fs.h'],
    entries: `
      0 SEEK_SET, 1 SEEK_CUR, 2 SEEK_END, 3 SEEK_DATA, 4 SEEK_HOLE`,
  },
  {
    array: 'kSocketTypes',
    order: 'numbers',
    prefix: '',
    headers: [],
    entries: `
      1 SOCK_STREAM, 2 SOCK_DGRAM, 3 SOCK_RAW, 4 SOCK_RDM, 5 SOCK_SEQPACKET, 6 SOCK_DCCP, 10 SOCK_PACKET`,
  },
  {
    array: 'kSignals',
    order: 'numbers',
    prefix: '',
    headers: ['asm-generic/signal.h'],
    entries: `
      0 SIG0, 1 SIGHUP, 2 SIGINT, 3 SIGQUIT, 4 SIGILL, 5 SIGTRAP, 6 SIGABRT, 7 SIGBUS, 8 SIGFPE, 9 SIGKILL,
      10 SIGUSR1, 11 SIGSEGV, 12 SIGUSR2, 13 SIGPIPE, 14 SIGALRM, 15 SIGTERM, 16 SIGSTKFLT, 17 SIGCHLD, 18 SIGCONT,
      19 SIGSTOP, 20 SIGTSTP, 21 SIGTTIN, 22 SIGTTOU, 23 SIGURG, 24 SIGXCPU, 25 SIGXFSZ, 26 SIGVTALRM, 27 SIGPROF,
      28 SIGWINCH, 29 SIGIO, 30 IGPWR, 31 SIGSYS`,
  },
  {
    array: 'kClocks',
    order: 'numbers',
    prefix: '',
    headers: ['linux/time.h'],
    entries: `
      0 CLOCK_REALTIME, 1 CLOCK_MONOTONIC, 2 CLOCK_PROCESS_CPUTIME_ID, 3 CLOCK_THREAD_CPUTIME_ID,
      4 CLOCK_MONOTONIC_RAW, 5 CLOCK_REALTIME_COARSE, 6 CLOCK_MONOTONIC_COARSE, 7 CLOCK_BOOTTIME,
      8 CLOCK_REALTIME_ALARM, 9 CLOCK_BOOTTIME_ALARM, 10 CLOCK_SGI_CYCLE, 11 CLOCK_TAI`,
  },
  {
    array: 'kNetfilterProtocols',
    order: 'numbers',
    prefix: '',
    headers: [],
    entries: `
      0 unspecified, 1 inet, 2 ipv4, 3 arp, 5 netdev, 7 bridge, 10 ipv6, 12 decnet`,
  },
  {
    array: 'kIcmpTypes',
    order: 'numbers',
    prefix: '',
    headers: [],
    entries: `
      0 echo-reply, 3 destination-unreachable, 4 source-quench, 5 redirect, 8 echo, 11 time-exceeded,
      12 parameter-problem, 13 timestamp-request, 14 timestamp-reply, 15 info-request, 16 info-reply,
      17 address-mask-request, 18 address-mask-reply`,
  },
  {
    array: 'kSeccompActions',
    order: 'numbers',
    prefix: '',
    headers: [],
    entries: `
      0x80000000 kill-process, 0x0 kill-thread, 0x30000 trap, 0x50000 errno, 0x7fc00000 user-notify,
      0x7ff00000 trace, 0x7ffc0000 log, 0x7fff0000 allow`,
  },
  {
    array: 'kAccessModes',
    order: 'bits',
    prefix: '',
    headers: [],
    entries: `
      0x1 X_OK, 0x2 W_OK, 0x4 R_OK`,
  },
  {
    array: 'kPrctlOptions',
    order: 'numbers',
    prefix: '',
    headers: ['linux/prctl.h'],
    entries: `
      1 PR_SET_PDEATHSIG, 2 PR_GET_PDEATHSIG, 3 PR_GET_DUMPABLE, 4 PR_SET_DUMPABLE, 5 PR_GET_UNALIGN,
      6 PR_SET_UNALIGN, 7 PR_GET_KEEPCAPS, 8 PR_SET_KEEPCAPS, 9 PR_GET_FPEMU, 10 PR_SET_FPEMU, 11 PR_GET_FPEXC,
      12 PR_SET_FPEXC, 13 PR_GET_TIMING, 14 PR_SET_TIMING, 15 PR_SET_NAME, 16 PR_GET_NAME, 19 PR_GET_ENDIAN,
      20 PR_SET_ENDIAN, 21 PR_GET_SECCOMP, 22 PR_SET_SECCOMP, 23 PR_CAPBSET_READ, 24 PR_CAPBSET_DROP,
      25 PR_GET_TSC, 26 PR_SET_TSC, 27 PR_GET_SECUREBITS, 28 PR_SET_SECUREBITS, 29 PR_SET_TIMERSLACK,
      30 PR_GET_TIMERSLACK, 31 PR_TASK_PERF_EVENTS_DISABLE, 32 PR_TASK_PERF_EVENTS_ENABLE, 33 PR_MCE_KILL,
      34 PR_MCE_KILL_GET, 35 PR_SET_MM, 36 PR_SET_CHILD_SUBREAPER, 37 PR_GET_CHILD_SUBREAPER,
      38 PR_SET_NO_NEW_PRIVS, 39 PR_GET_NO_NEW_PRIVS, 40 PR_GET_TID_ADDRESS, 41 PR_SET_THP_DISABLE,
      42 PR_GET_THP_DISABLE, 43 PR_MPX_ENABLE_MANAGEMENT, 44 PR_MPX_DISABLE_MANAGEMENT, 45 PR_SET_FP_MODE,
      46 PR_GET_FP_MODE, 47 PR_CAP_AMBIENT, 50 PR_SVE_SET_VL, 51 PR_SVE_GET_VL, 52 PR_GET_SPECULATION_CTRL,
      53 PR_SET_SPECULATION_CTRL, 54 PR_PAC_RESET_KEYS, 55 PR_SET_TAGGED_ADDR_CTRL, 56 PR_GET_TAGGED_ADDR_CTRL,
      57 PR_SET_IO_FLUSHER, 58 PR_GET_IO_FLUSHER, 59 PR_SET_SYSCALL_USER_DISPATCH, 60 PR_PAC_SET_ENABLED_KEYS,
      61 PR_PAC_GET_ENABLED_KEYS, 62 PR_SCHED_CORE, 63 PR_SME_SET_VL, 64 PR_SME_GET_VL, 65 PR_SET_MDWE,
      66 PR_GET_MDWE, 67 PR_SET_MEMORY_MERGE, 68 PR_GET_MEMORY_MERGE, 69 PR_RISCV_V_SET_CONTROL,
      70 PR_RISCV_V_GET_CONTROL`,
  },
  {
    array: 'kSchedulers',
    order: 'numbers',
    prefix: '',
    headers: ['linux/sched.h'],
    entries: `
      0 SCHED_OTHER, 1 SCHED_FIFO, 2 SCHED_RR, 3 SCHED_BATCH, 5 SCHED_IDLE, 6 SCHED_DEADLINE`,
  },
  {
    array: 'kShmModes',
    order: 'bits',
    prefix: '',
    headers: ['linux/shm.h'],
    entries: `
      0x200 SHM_DEST, 0x400 SHM_LOCKED, 0x800 SHM_HUGETLB, 0x1000 SHM_NORESERVE`,
  },
  {
    array: 'kSocketOptions',
    order: 'numbers',
    prefix: '',
    headers: [],
    entries: `
      1 SO_DEBUG, 2 SO_REUSEADDR, 3 SO_TYPE, 4 SO_ERROR, 5 SO_DONTROUTE, 6 SO_BROADCAST, 7 SO_SNDBUF, 8 SO_RCVBUF,
      9 SO_KEEPALIVE, 10 SO_OOBINLINE, 11 SO_NO_CHECK, 12 SO_PRIORITY, 13 SO_LINGER, 14 SO_BSDCOMPAT,
      15 SO_REUSEPORT, 16 SO_PASSCRED, 17 SO_PEERCRED, 18 SO_RCVLOWAT, 19 SO_SNDLOWAT, 20 SO_RCVTIMEO,
      21 SO_SNDTIMEO, 22 SO_SECURITY_AUTHENTICATION, 23 SO_SECURITY_ENCRYPTION_TRANSPORT,
      24 SO_SECURITY_ENCRYPTION_NETWORK, 25 SO_BINDTODEVICE, 26 SO_ATTACH_FILTER, 27 SO_DETACH_FILTER,
      28 SO_PEERNAME, 29 SO_TIMESTAMP, 30 SO_ACCEPTCONN, 31 SO_PEERSEC, 32 SO_SNDBUFFORCE, 33 SO_RCVBUFFORCE,
      34 SO_PASSSEC, 35 SO_TIMESTAMPNS, 36 SO_MARK, 37 SO_TIMESTAMPING, 38 SO_PROTOCOL, 39 SO_DOMAIN,
      40 SO_RXQ_OVFL, 41 SO_WIFI_STATUS, 42 SO_PEEK_OFF, 43 SO_NOFCS, 44 SO_LOCK_FILTER, 45 SO_SELECT_ERR_QUEUE,
      46 SO_BUSY_POLL, 47 SO_MAX_PACING_RATE, 48 SO_BPF_EXTENSIONS, 49 SO_INCOMING_CPU, 50 SO_ATTACH_BPF,
      51 SO_ATTACH_REUSEPORT_CBPF, 52 SO_ATTACH_REUSEPORT_EBPF, 53 SO_CNX_ADVICE, 54 SCM_TIMESTAMPING_OPT_STATS,
      55 SO_MEMINFO, 56 SO_INCOMING_NAPI_ID, 57 SO_COOKIE, 58 SCM_TIMESTAMPING_PKTINFO, 59 SO_PEERGROUPS,
      60 SO_ZEROCOPY, 61 SO_TXTIME, 62 SO_BINDTOIFINDEX, 63 SO_TIMESTAMP_NEW, 64 SO_TIMESTAMPNS_NEW,
      65 SO_TIMESTAMPING_NEW, 66 SO_RCVTIMEO_NEW, 67 SO_SNDTIMEO_NEW, 68 SO_DETACH_REUSEPORT_BPF,
      69 SO_PREFER_BUSY_POLL, 70 SO_BUSY_POLL_BUDGET, 71 SO_NETNS_COOKIE, 72 SO_BUF_LOCK, 73 SO_RESERVE_MEM,
      74 SO_TXREHASH, 75 SO_RCVMARK, 76 SO_PASSPIDFD, 77 SO_PEERPIDFD, 116 SO_RCVLOWAT, 117 SO_SNDLOWAT,
      118 SO_RCVTIMEO, 119 SO_SNDTIMEO, 120 SO_PASSCRED, 121 SO_PEERCRED`,
  },
  {
    array: 'kSocketLevels',
    order: 'numbers',
    prefix: '',
    headers: [],
    entries: `
      0 SOL_IP, 6 SOL_TCP, 17 SOL_UDP, 41 SOL_IPV6, 58 SOL_ICMPV6, 132 SOL_SCTP, 136 SOL_UDPLITE, 255 SOL_RAW,
      256 SOL_IPX, 257 SOL_AX25, 258 SOL_ATALK, 259 SOL_NETROM, 260 SOL_ROSE, 261 SOL_DECNET, 263 SOL_PACKET,
      264 SOL_ATM, 265 SOL_AAL, 266 SOL_IRDA, 267 SOL_NETBEUI, 268 SOL_LLC, 269 SOL_DCCP, 270 SOL_NETLINK,
      271 SOL_TIPC, 272 SOL_RXRPC, 273 SOL_PPPOL2TP, 274 SOL_BLUETOOTH, 275 SOL_PNPIPE, 276 SOL_RDS, 277 SOL_IUCV,
      278 SOL_CAIF, 279 SOL_ALG, 280 SOL_NFC, 281 SOL_KCM, 282 SOL_TLS, 283 SOL_XDP, 284 SOL_MPTCP, 285 SOL_MCTP,
      286 SOL_SMC, 287 SOL_VSOCK`,
  },
  {
    array: 'kIpOptions',
    order: 'numbers',
    prefix: '',
    headers: ['linux/in.h'],
    entries: `
      1 IP_TOS, 2 IP_TTL, 3 IP_HDRINCL, 4 IP_OPTIONS, 5 IP_ROUTER_ALERT, 6 IP_RECVOPTS, 7 IP_RETOPTS, 8 IP_PKTINFO,
      9 IP_PKTOPTIONS, 10 IP_MTU_DISCOVER, 11 IP_RECVERR, 12 IP_RECVTTL, 13 IP_RECVTOS, 14 IP_MTU, 15 IP_FREEBIND,
      16 IP_IPSEC_POLICY, 17 IP_XFRM_POLICY, 18 IP_PASSSEC, 19 IP_TRANSPARENT, 20 IP_ORIGDSTADDR, 21 IP_MINTTL,
      22 IP_NODEFRAG, 23 IP_CHECKSUM, 24 IP_BIND_ADDRESS_NO_PORT, 25 IP_RECVFRAGSIZE, 32 IP_MULTICAST_IF,
      33 IP_MULTICAST_TTL, 34 IP_MULTICAST_LOOP, 35 IP_ADD_MEMBERSHIP, 36 IP_DROP_MEMBERSHIP, 37 IP_UNBLOCK_SOURCE,
      38 IP_BLOCK_SOURCE, 39 IP_ADD_SOURCE_MEMBERSHIP, 40 IP_DROP_SOURCE_MEMBERSHIP, 41 IP_MSFILTER,
      42 MCAST_JOIN_GROUP, 43 MCAST_BLOCK_SOURCE, 44 MCAST_UNBLOCK_SOURCE, 45 MCAST_LEAVE_GROUP,
      46 MCAST_JOIN_SOURCE_GROUP, 47 MCAST_LEAVE_SOURCE_GROUP, 48 MCAST_MSFILTER, 49 IP_MULTICAST_ALL,
      50 IP_UNICAST_IF, 51 IP_LOCAL_PORT_RANGE, 52 IP_PROTOCOL, 64 IPT_SO_SET_REPLACE, 65 IPT_SO_SET_ADD_COUNTERS,
      66 IPT_SO_GET_REVISION_TARGET`,
  },
  {
    array: 'kIpv6Options',
    order: 'numbers',
    prefix: '',
    headers: ['linux/in6.h'],
    entries: `
      1 IPV6_ADDRFORM, 2 IPV6_2292PKTINFO, 3 IPV6_2292HOPOPTS, 4 IPV6_2292DSTOPTS, 5 IPV6_2292RTHDR,
      6 IPV6_2292PKTOPTIONS, 7 IPV6_CHECKSUM, 8 IPV6_2292HOPLIMIT, 9 IPV6_NEXTHOP, 10 IPV6_AUTHHDR,
      11 IPV6_FLOWINFO, 16 IPV6_UNICAST_HOPS, 17 IPV6_MULTICAST_IF, 18 IPV6_MULTICAST_HOPS, 19 IPV6_MULTICAST_LOOP,
      20 IPV6_ADD_MEMBERSHIP, 21 IPV6_DROP_MEMBERSHIP, 22 IPV6_ROUTER_ALERT, 23 IPV6_MTU_DISCOVER, 24 IPV6_MTU,
      25 IPV6_RECVERR, 26 IPV6_V6ONLY, 27 IPV6_JOIN_ANYCAST, 28 IPV6_LEAVE_ANYCAST, 29 IPV6_MULTICAST_ALL,
      30 IPV6_ROUTER_ALERT_ISOLATE, 31 IPV6_RECVERR_RFC4884, 32 IPV6_FLOWLABEL_MGR, 33 IPV6_FLOWINFO_SEND,
      34 IPV6_IPSEC_POLICY, 35 IPV6_XFRM_POLICY, 36 IPV6_HDRINCL, 42 MCAST_JOIN_GROUP, 43 MCAST_BLOCK_SOURCE,
      44 MCAST_UNBLOCK_SOURCE, 45 MCAST_LEAVE_GROUP, 46 MCAST_JOIN_SOURCE_GROUP, 47 MCAST_LEAVE_SOURCE_GROUP,
      48 MCAST_MSFILTER, 49 IPV6_RECVPKTINFO, 50 IPV6_PKTINFO, 51 IPV6_RECVHOPLIMIT, 52 IPV6_HOPLIMIT,
      53 IPV6_RECVHOPOPTS, 54 IPV6_HOPOPTS, 55 IPV6_RTHDRDSTOPTS, 56 IPV6_RECVRTHDR, 57 IPV6_RTHDR,
      58 IPV6_RECVDSTOPTS, 59 IPV6_DSTOPTS, 60 IPV6_RECVPATHMTU, 61 IPV6_PATHMTU, 62 IPV6_DONTFRAG,
      63 IPV6_USE_MIN_MTU, 64 IP6T_SO_SET_REPLACE, 65 IP6T_SO_SET_ADD_COUNTERS, 66 IPV6_RECVTCLASS, 67 IPV6_TCLASS,
      68 IP6T_SO_GET_REVISION_MATCH, 69 IP6T_SO_GET_REVISION_TARGET, 70 IPV6_AUTOFLOWLABEL,
      72 IPV6_ADDR_PREFERENCES, 73 IPV6_MINHOPCOUNT, 74 IPV6_ORIGDSTADDR, 75 IPV6_TRANSPARENT, 76 IPV6_UNICAST_IF,
      77 IPV6_RECVFRAGSIZE, 78 IPV6_FREEBIND, 80 IP6T_SO_ORIGINAL_DST`,
  },
  {
    array: 'kTcpOptions',
    order: 'numbers',
    prefix: '',
    headers: ['linux/tcp.h'],
    entries: `
      1 TCP_NODELAY, 2 TCP_MAXSEG, 3 TCP_CORK, 4 TCP_KEEPIDLE, 5 TCP_KEEPINTVL, 6 TCP_KEEPCNT, 7 TCP_SYNCNT,
      8 TCP_LINGER2, 9 TCP_DEFER_ACCEPT, 10 TCP_WINDOW_CLAMP, 11 TCP_INFO, 12 TCP_QUICKACK, 13 TCP_CONGESTION,
      14 TCP_MD5SIG, 15 TCP_COOKIE_TRANSACTIONS, 16 TCP_THIN_LINEAR_TIMEOUTS, 17 TCP_THIN_DUPACK,
      18 TCP_USER_TIMEOUT, 19 TCP_REPAIR, 20 TCP_REPAIR_QUEUE, 21 TCP_QUEUE_SEQ, 22 TCP_REPAIR_OPTIONS,
      23 TCP_FASTOPEN, 24 TCP_TIMESTAMP, 25 TCP_NOTSENT_LOWAT, 26 TCP_CC_INFO, 27 TCP_SAVE_SYN, 28 TCP_SAVED_SYN,
      29 TCP_REPAIR_WINDOW, 30 TCP_FASTOPEN_CONNECT, 31 TCP_ULP, 32 TCP_MD5SIG_EXT, 33 TCP_FASTOPEN_KEY,
      34 TCP_FASTOPEN_NO_COOKIE, 35 TCP_ZEROCOPY_RECEIVE, 36 TCP_INQ, 37 TCP_TX_DELAY, 38 TCP_AO_ADD_KEY,
      39 TCP_AO_DEL_KEY, 40 TCP_AO_INFO, 41 TCP_AO_GET_KEYS, 42 TCP_AO_REPAIR`,
  },
  {
    array: 'kPacketOptions',
    order: 'numbers',
    prefix: '',
    headers: ['linux/if_packet.h'],
    entries: `
      1 PACKET_ADD_MEMBERSHIP, 2 PACKET_DROP_MEMBERSHIP, 3 PACKET_RECV_OUTPUT, 5 PACKET_RX_RING,
      6 PACKET_STATISTICS, 7 PACKET_COPY_THRESH, 8 PACKET_AUXDATA, 9 PACKET_ORIGDEV, 10 PACKET_VERSION,
      11 PACKET_HDRLEN, 12 PACKET_RESERVE, 13 PACKET_TX_RING, 14 PACKET_LOSS, 15 PACKET_VNET_HDR,
      16 PACKET_TX_TIMESTAMP, 17 PACKET_TIMESTAMP, 18 PACKET_FANOUT, 19 PACKET_TX_HAS_OFF, 20 PACKET_QDISC_BYPASS,
      21 PACKET_ROLLOVER_STATS, 22 PACKET_FANOUT_DATA, 23 PACKET_IGNORE_OUTGOING, 24 PACKET_VNET_HDR_SZ`,
  },
  {
    array: 'kUmountFlags',
    order: 'bits',
    prefix: '',
    headers: [],
    entries: `
      0x1 MNT_FORCE, 0x2 MNT_DETACH, 0x4 MNT_EXPIRE, 0x8 UMOUNT_NOFOLLOW, 0x80000000 UMOUNT_UNUSED`,
  },
  {
    array: 'kIoctlRequests',
    order: 'numbers',
    prefix: '',
    headers: ['asm-generic/ioctls.h', 'linux/kd.h', 'linux/cdrom.h', 'linux/sockios.h'],
    entries: `
      0x4b3a KDSETMODE, 0x4b3b KDGETMODE, 0x5309 CDROMEJECT, 0x530f CDROMEJECT_SW, 0x5311 CDROM_GET_UPC,
      0x5316 CDROMSEEK, 0x5401 TCGETS, 0x5402 TCSETS, 0x5403 TCSETSW, 0x5404 TCSETSF, 0x5409 TCSBRK, 0x540b TCFLSH,
      0x540e TIOCSCTTY, 0x540f TIOCGPGRP, 0x5410 TIOCSPGRP, 0x5413 TIOCGWINSZ, 0x5414 TIOCSWINSZ, 0x541b TIOCINQ,
      0x5421 FIONBIO, 0x5422 TIOCNOTTY, 0x8901 FIOSETOWN, 0x8903 FIOGETOWN, 0x8910 SIOCGIFNAME,
      0x8927 SIOCGIFHWADDR, 0x8933 SIOCGIFINDEX, 0x89a2 SIOCBRADDIF, 0x40045431 TIOCSPTLCK, 0x80045430 TIOCGPTN,
      0x80045431 TIOCSPTLCK, 0xc01c64a3 DRM_IOCTL_MODE_CURSOR, 0xc01864b0 DRM_IOCTL_MODE_PAGE_FLIP,
      0xc01864b1 DRM_IOCTL_MODE_DIRTYFB`,
  },
  {
    array: 'kBpfCommands',
    order: 'numbers',
    prefix: '',
    headers: ['linux/bpf.h'],
    entries: `
      0 BPF_MAP_CREATE, 1 BPF_MAP_LOOKUP_ELEM, 2 BPF_MAP_UPDATE_ELEM, 3 BPF_MAP_DELETE_ELEM,
      4 BPF_MAP_GET_NEXT_KEY, 5 BPF_PROG_LOAD, 6 BPF_OBJ_PIN, 7 BPF_OBJ_GET, 8 BPF_PROG_ATTACH, 9 BPF_PROG_DETACH,
      10 BPF_PROG_TEST_RUN, 11 BPF_PROG_GET_NEXT_ID, 12 BPF_MAP_GET_NEXT_ID, 13 BPF_PROG_GET_FD_BY_ID,
      14 BPF_MAP_GET_FD_BY_ID, 15 BPF_OBJ_GET_INFO_BY_FD, 16 BPF_PROG_QUERY, 17 BPF_RAW_TRACEPOINT_OPEN,
      18 BPF_BTF_LOAD, 19 BPF_BTF_GET_FD_BY_ID, 20 BPF_TASK_FD_QUERY, 21 BPF_MAP_LOOKUP_AND_DELETE_ELEM,
      22 BPF_MAP_FREEZE, 23 BPF_BTF_GET_NEXT_ID, 24 BPF_MAP_LOOKUP_BATCH, 25 BPF_MAP_LOOKUP_AND_DELETE_BATCH,
      26 BPF_MAP_UPDATE_BATCH, 27 BPF_MAP_DELETE_BATCH, 28 BPF_LINK_CREATE, 29 BPF_LINK_UPDATE,
      30 BPF_LINK_GET_FD_BY_ID, 31 BPF_LINK_GET_NEXT_ID, 32 BPF_ENABLE_STATS, 33 BPF_ITER_CREATE,
      34 BPF_LINK_DETACH, 35 BPF_PROG_BIND_MAP`,
  },
  {
    array: 'kResolveFlags',
    order: 'bits',
    prefix: '',
    headers: ['linux/openat2.h'],
    entries: `
      0x1 RESOLVE_NO_XDEV, 0x2 RESOLVE_NO_MAGICLINKS, 0x4 RESOLVE_NO_SYMLINKS, 0x8 RESOLVE_BENEATH,
      0x10 RESOLVE_IN_ROOT, 0x20 RESOLVE_CACHED`,
  },
  {
    array: 'kInetHooks',
    order: 'numbers',
    prefix: '',
    headers: [],
    entries: `
      0 PREROUTING, 1 INPUT, 2 FORWARD, 3 OUTPUT, 4 POSTROUTING, 5 BROUTING`,
  },
  {
    array: 'kArpHooks',
    order: 'numbers',
    prefix: '',
    headers: [],
    entries: `
      0 INPUT, 1 OUTPUT, 2 FORWARD`,
  },
  {
    array: 'kNetfilterActions',
    order: 'numbers',
    prefix: '',
    headers: [],
    entries: `
      0 ACCEPT, 1 DROP, 2 REJECT`,
  },
  {
    array: 'kXattrFlags',
    order: 'bits',
    prefix: '',
    headers: ['linux/fcntl.h'],
    entries: `
      0x100 AT_SYMLINK_NOFOLLOW, 0x800 AT_NO_AUTOMOUNT, 0x1000 AT_EMPTY_PATH, 0x8000 AT_RECURSIVE`,
  },
  {
    array: 'kAccessFlags',
    order: 'bits',
    prefix: '',
    headers: ['linux/fcntl.h'],
    entries: `
      0x100 AT_SYMLINK_NOFOLLOW, 0x200 AT_EACCESS, 0x1000 AT_EMPTY_PATH`,
  },
];
