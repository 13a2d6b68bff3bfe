import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A mail that somebody handed over. */
export interface ReceivedMail {
  to: string;
  /** Headers and text, as they came. */
  raw: string;
}

/** A mail server that keeps what it is given. */
export interface MailServer {
  /** Its address, as `LATCHKEY_SMTP_URL` names it. */
  url: string;
  /** The next mail, waited for. */
  next(): Promise<ReceivedMail>;
  stop(): Promise<void>;
}

/** Listens at a free port of the loopback interface. */
export async function startMailServer(): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const waiting: ((mail: ReceivedMail) => void)[] = [];
  const take = (mail: ReceivedMail) => {
    const first = waiting.shift();
    if (first) first(mail);
    else mails.push(mail);
  };
  const server = createServer((socket) => void converse(socket, take));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
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
  const mail: ReceivedMail = { to: '', raw: '' };
  let inData = false;
  say('220 mail.example.com ESMTP');
  for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
    if (inData) {
      inData = line !== '.';
      if (inData) mail.raw += `${line.replace(/^\./, '')}\n`;
      else {
        take({ ...mail });
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
