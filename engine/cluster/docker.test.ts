import { describe, expect, it } from 'vitest'
import { decodeUtf8 } from '#engine/base/bytes'
import type { Cluster } from './cluster'
import { desk as anyDesk, run as runOn } from './testing/desk'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const run = (cluster: Cluster, command: string): Promise<string> => runOn(cluster, command, turn)
const desk = (seed: string): Promise<Cluster> => anyDesk(seed, 'until systemctl is-active docker.socket; do sleep 0.1; done', turn)

const told = `docker ps --format '{{.Names}} {{.ID}} {{.Ports}}' | sort; docker inspect web -f '{{.State.Pid}} {{.State.StartedAt}} {{.RestartCount}}'; curl -s -o /dev/null -w '%{http_code}\\n' localhost:8090/; docker exec asks wget -qO- http://web/`

describe('docker at the desk', () => {
  it('costs nothing before somebody asks for it', async () => {
    const cluster = await desk('asleep')
    expect(await run(cluster, 'pgrep dockerd; ls /var/lib/docker 2>&1 | grep -c .; systemctl is-active docker docker.socket')).toBe('1\ninactive\nactive\n')
    expect(await run(cluster, 'docker ps -q; systemctl is-active docker')).toBe('active\n')
  })

  it('runs its containers on in a copy of the machine, with their ports, their names and their processes', async () => {
    const cluster = await desk('copied')
    await run(cluster, `docker network create n; docker run -d --name web --network n -p 8090:80 busybox sh -c 'mkdir /www; echo here > /www/index.html; exec httpd -f -p 80 -h /www'; docker run -d --name asks --network n busybox sleep 1000; sleep 1`)
    const before = await run(cluster, told)
    expect(before.split('\n').slice(-3)).toEqual(['200', 'here', ''])
    const copy = cluster.fork()
    expect(await run(copy, told)).toBe(before)
    expect(await run(copy, 'docker rm -f web asks; docker network rm n; docker ps -aq; iptables -S; iptables -t nat -S; ip -br link')).not.toMatch(/DOCKER|docker0|veth/)
  })

  it('gives a terminal to a container and takes it back', async () => {
    const cluster = await desk('terminal')
    await run(cluster, 'docker pull -q busybox')
    let screen = ''
    const terminal = cluster.openTerminal('base', { columns: 100, rows: 30 }, (bytes) => void (screen += decodeUtf8(bytes)))
    const type = async (keys: string, until: RegExp): Promise<void> => {
      terminal.write(new TextEncoder().encode(keys))
      for (let turn = 0; turn < 3000 && !until.test(screen); turn++) {
        await new Promise((resolve) => setImmediate(resolve))
        if (!until.test(screen)) cluster.clock.runNext()
      }
      expect(screen).toMatch(until)
    }
    await type('docker run -it --rm --name term busybox sh\n', /[^~]# $/)
    await type('tty; stty size\n', /\/dev\/pts\/\d\r\n30 100\r\n.*[^~]# $/)
    await type('exit 5\n', /base:~# $/)
    await type('echo left with $?\n', /left with 5/)
    terminal.close()
  })

  it('restarts what its policy says after the daemon has ended', async () => {
    const cluster = await desk('policies')
    await run(cluster, 'docker run -d --name always --restart always busybox sleep 1000; docker run -d --name once busybox sleep 1000; systemctl restart docker')
    expect(await run(cluster, `docker ps -a --format '{{.Names}} {{.State}}' | sort`)).toBe('always running\nonce exited\n')
  })
})
