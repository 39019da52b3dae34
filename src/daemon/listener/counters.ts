/** What the network listener has seen and done since the start, for the state report and the loss ledger. */
export interface ListenerCounters {
  /** Connections that were let in. */
  accepted: number;
  /** Connections that were not. */
  refused: number;
  /** Of those, what the log has no record of: too many came while it could not be written. */
  refusedUnrecorded: number;
  recordsReceived: number;
  /** Not written, and the client was told: it has them still. */
  recordsReturned: number;
  /** Not written, and nobody can be asked to send them again: text outside the protocol. */
  recordsLost: number;
  /** Lines of text that are no records. */
  textIgnored: number;
  /** Clients that sent what cannot be a message. */
  clientsBroken: number;
}

export function newCounters(): ListenerCounters {
  return {
    accepted: 0,
    refused: 0,
    refusedUnrecorded: 0,
    recordsReceived: 0,
    recordsReturned: 0,
    recordsLost: 0,
    textIgnored: 0,
    clientsBroken: 0,
  };
}
