import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A mail that somebody handed over. */
export interface ReceivedMail {
  to: string;
  /** Headers and text, as they came. */
  raw: string;
  /** What stands below the headers, as it is read. */
  text: string;
}

/** A mail server that keeps what it is given. */
export interface MailServer {
  /** Its address, as `LATCHKEY_SMTP_URL` names it. */
  url: string;
  /** The next mail, waited for. */
  next(): Promise<ReceivedMail>;
  stop(): Promise<void>;
}

/** Listens at a port of the loopback interface: a free one, unless it is named. */
export async function startMailServer(named = 0): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const waiting: ((mail: ReceivedMail) => void)[] = [];
  const take = (mail: ReceivedMail) => {
    const first = waiting.shift();
    if (first) first(mail);
    else mails.push(mail);
  };
  const server = createServer((socket) => void converse(socket, take));
  await new Promise<void>((done) => server.listen(named, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    next: () => {
      const mail = mails.shift();
      return mail ? Promise.resolve(mail) : new Promise((done) => waiting.push(done));
    },
    stop: () => new Promise((done) => server.close(() => done())),
  };
}

async function converse(socket: Socket, take: (mail: ReceivedMail) => void) {
  const say = (line: string) => socket.write(`${line}\r\n`);
  const mail = { to: '', raw: '' };
  let inData = false;
  say('220 mail.example.com ESMTP');
  for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
    if (inData) {
      inData = line !== '.';
      if (inData) mail.raw += `${line.replace(/^\./, '')}\n`;
      else {
        take({ ...mail, text: decoded(mail.raw) });
        say('250 taken');
      }
      continue;
    }
    const command = line.split(' ', 1)[0]!.toUpperCase();
    if (command === 'RCPT') mail.to = /<(.*)>/.exec(line)?.[1] ?? '';
    inData = command === 'DATA';
    say(inData ? '354 go on' : command === 'QUIT' ? '221 bye' : '250 OK');
    if (command === 'QUIT') socket.end();
  }
}

/** The text of a mail; of one in several parts, the part that is plain text. */
function decoded(raw: string): string {
  const boundary = /^Content-Type: multipart\/[^]*?boundary="?([^"\n;]+)"?/m.exec(raw)?.[1];
  const parts = boundary ? raw.split(`--${boundary}`) : [raw];
  return textOf(parts.find((part) => /^Content-Type: text\/plain/m.test(part)) ?? raw);
}

/** What stands below the headers of a part; lines of more than 76 characters, such as links, are sent in quoted-printable. */
function textOf(part: string): string {
  const body = part.slice(part.indexOf('\n\n', 1) + 2);
  if (!/^Content-Transfer-Encoding: quoted-printable$/m.test(part)) return body;
  const bytes = body.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
