/** The mail about free space, in the reference's words. @param next  What follows if nobody does anything. */
export function spaceMail(
  stage: 'space_left' | 'admin_space_left',
  next: string,
): { readonly subject: string; readonly body: readonly string[] } {
  if (stage === 'space_left') {
    return {
      subject: 'Audit Disk Space Alert',
      body: [
        'The audit daemon is low on disk space for logging! Please take action',
        'to ensure no loss of service.',
        next,
      ],
    };
  }
  return {
    subject: 'Audit Admin Space Alert',
    body: [
      'The audit daemon is very low on disk space for logging! Immediate action',
      'is required to ensure no loss of service.',
      next,
    ],
  };
}

/** As sendmail -t reads it: header, blank line, body, and the line with a period that ends it. */
export function mailText(account: string, subject: string, body: readonly string[]): string {
  return `${[`To: ${account}`, 'From: root', `Subject: ${subject}`, '', ...body, '.', ''].join('\n')}\n`;
}
