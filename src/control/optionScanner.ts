/** One option as it stands on a command line: its letter or long name, and its argument where it takes one. */
export interface ScannedOption {
  /** A letter, or a long option's whole name; null for one that is unknown, ambiguous or lacks its argument. */
  name: string | null;
  /** Null for an option without an argument. */
  argument: string | null;
}

export interface OptionNames {
  /** Letters, in the notation of getopt(3): a colon marks one that takes an argument. */
  letters: string;
  /** Long names without their dashes, and whether they take an argument. */
  long: ReadonlyMap<string, boolean>;
}

/**
 * Takes a command line apart as getopt_long(3) of the GNU C library does: letters may be joined, long names
 * shortened while they stay unambiguous, operands may stand among the options, `--` ends the options. Errors are left
 * to the caller to word. `index` and `words` are as the C function leaves optind and argv after each option, because
 * auditctl's own checks look at them.
 */
export class OptionScanner {
  readonly #names: OptionNames;
  /** The words, the program's name first. Operands found on the way move behind the options. */
  readonly words: string[];
  /** The word that is looked at next. A word of joined letters counts until its last letter is taken. */
  index = 1;
  /** What is left of a word of joined letters. */
  #letters = '';
  // Operands passed over so far, as a range of `words`, to be moved behind the option that follows them.
  #operandsFrom = 1;
  #operandsTo = 1;

  constructor(words: readonly string[], names: OptionNames) {
    this.words = [...words];
    this.#names = names;
  }

  /** The next option; null when there are no more, and `index` is then the first operand. */
  next(): ScannedOption | null {
    if (this.#letters === '' && !this.#advance()) return null;
    if (this.#letters === '') return this.#takeLong();
    return this.#takeLetter();
  }

  /** Moves to the next word that is an option. False at the end. */
  #advance(): boolean {
    this.#moveOperands();
    while (this.index < this.words.length && !isOption(this.words[this.index] ?? '')) this.index++;
    this.#operandsTo = this.index;
    if (this.words[this.index] === '--') {
      this.index++;
      this.#moveOperands();
      this.#operandsTo = this.words.length;
      this.index = this.words.length;
    }
    if (this.index >= this.words.length) {
      if (this.#operandsFrom !== this.#operandsTo) this.index = this.#operandsFrom;
      return false;
    }
    const word = this.words[this.index] ?? '';
    if (!word.startsWith('--')) this.#letters = word.slice(1);
    return true;
  }

  /** Puts the options taken since the operands in front of them. */
  #moveOperands(): void {
    if (this.#operandsFrom === this.#operandsTo) {
      this.#operandsFrom = this.index;
    } else if (this.#operandsTo !== this.index) {
      const operands = this.words.slice(this.#operandsFrom, this.#operandsTo);
      const options = this.words.slice(this.#operandsTo, this.index);
      this.words.splice(this.#operandsFrom, operands.length + options.length, ...options, ...operands);
      this.#operandsFrom += options.length;
    }
    this.#operandsTo = this.index;
  }

  #takeLetter(): ScannedOption {
    const letter = this.#letters.charAt(0);
    this.#letters = this.#letters.slice(1);
    const at = letter === ':' ? -1 : this.#names.letters.indexOf(letter);
    const takesArgument = at >= 0 && this.#names.letters[at + 1] === ':';
    if (!takesArgument) {
      if (this.#letters === '') this.index++;
      return { name: at < 0 ? null : letter, argument: null };
    }
    this.index++;
    if (this.#letters !== '') {
      const argument = this.#letters;
      this.#letters = '';
      return { name: letter, argument };
    }
    if (this.index >= this.words.length) return { name: null, argument: null };
    return { name: letter, argument: this.words[this.index++] ?? '' };
  }

  #takeLong(): ScannedOption {
    const [written = '', ...rest] = (this.words[this.index] ?? '').slice(2).split('=');
    const attached = rest.length > 0 ? rest.join('=') : null;
    this.index++;
    const name = this.#longName(written);
    if (name === null) return { name: null, argument: null };
    if (this.#names.long.get(name) !== true) return { name: attached === null ? name : null, argument: null };
    if (attached !== null) return { name, argument: attached };
    if (this.index >= this.words.length) return { name: null, argument: null };
    return { name, argument: this.words[this.index++] ?? '' };
  }

  #longName(written: string): string | null {
    if (this.#names.long.has(written)) return written;
    const matching = [...this.#names.long.keys()].filter(name => name.startsWith(written));
    return matching.length === 1 ? (matching[0] ?? null) : null;
  }
}

/** A lone dash is an operand. */
function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-';
}
