/** nginx: mainline and stable of recent years, on Debian and on Alpine. */
import type { ImageDefinition, ImageFiles, ImageLayer } from '#engine/cri/images/definition'
import { alpineLayer } from '#engine/images/base/busybox'
import { debianGroup, debianLayer, debianPasswd } from '#engine/images/base/debian'
import { commands, directory, link, program, text } from '#engine/images/base/files'
import { confDefault, indexHtml, mimeTypes, nginxConf, page50x } from '#engine/images/nginx/content'

interface Release {
  readonly version: string
  /** `1.27` stands for its newest patch. */
  readonly tags: readonly string[]
  readonly sizeBytes: number
}

const releases: readonly Release[] = [
  { version: '1.14.2', tags: ['1.14', '1.14.2'], sizeBytes: 44_710_204 },
  { version: '1.16.1', tags: ['1.16', '1.16.1'], sizeBytes: 50_733_281 },
  { version: '1.16.0', tags: ['1.16.0'], sizeBytes: 44_815_092 },
  { version: '1.17.10', tags: ['1.17', '1.17.10'], sizeBytes: 51_030_575 },
  { version: '1.18.0', tags: ['1.18', '1.18.0'], sizeBytes: 53_607_617 },
  { version: '1.19.10', tags: ['1.19', '1.19.10'], sizeBytes: 53_646_021 },
  { version: '1.20.2', tags: ['1.20', '1.20.2'], sizeBytes: 56_763_003 },
  { version: '1.21.6', tags: ['1.21', '1.21.6'], sizeBytes: 56_747_221 },
  { version: '1.22.1', tags: ['1.22', '1.22.1'], sizeBytes: 57_011_402 },
  { version: '1.23.4', tags: ['1.23', '1.23.4'], sizeBytes: 57_035_122 },
  { version: '1.24.0', tags: ['1.24', '1.24.0'], sizeBytes: 56_783_904 },
  { version: '1.25.5', tags: ['1.25', '1.25.5'], sizeBytes: 71_005_258 },
  { version: '1.26.3', tags: ['1.26', '1.26.3'], sizeBytes: 72_217_511 },
  { version: '1.27.5', tags: ['1.27', '1.27.5'], sizeBytes: 72_404_038 },
  { version: '1.27.0', tags: ['1.27.0'], sizeBytes: 71_010_466 },
  { version: '1.28.0', tags: ['1.28', '1.28.0', 'stable'], sizeBytes: 72_225_108 },
  { version: '1.29.3', tags: ['1.29', '1.29.3', '1', 'latest', 'mainline'], sizeBytes: 59_774_010 },
]

const shared: ImageFiles = {
  '/etc/nginx/nginx.conf': text(nginxConf), '/etc/nginx/conf.d/default.conf': text(confDefault), '/etc/nginx/mime.types': text(mimeTypes), '/etc/nginx/fastcgi_params': text('fastcgi_param  QUERY_STRING       $query_string;\nfastcgi_param  REQUEST_METHOD     $request_method;\n'),
  '/usr/share/nginx/html/index.html': text(indexHtml), '/usr/share/nginx/html/50x.html': text(page50x),
  '/var/log/nginx/access.log': link('/dev/stdout'), '/var/log/nginx/error.log': link('/dev/stderr'), '/var/cache/nginx': directory(), '/docker-entrypoint.d': directory(),
  '/docker-entrypoint.sh': program('nginx-entrypoint'),
}

const entry = { Entrypoint: ['/docker-entrypoint.sh'], Cmd: ['nginx', '-g', 'daemon off;'], ExposedPorts: { '80/tcp': {} }, StopSignal: 'SIGQUIT' }

function debianNginx(version: string): ImageFiles {
  return {
    ...shared, '/usr/sbin/nginx': program('nginx', { version }), ...commands('/usr/bin', ['curl', 'openssl', 'envsubst', 'xz']),
    '/etc/passwd': text(`${debianPasswd}nginx:x:101:101:nginx user:/nonexistent:/bin/false\n`), '/etc/group': text(`${debianGroup}nginx:x:101:\n`), '/etc/ssl/certs/ca-certificates.crt': text(''),
  }
}

function alpineNginx(version: string): ImageFiles {
  return { ...shared, '/usr/sbin/nginx': program('nginx', { version }), '/usr/bin/curl': program('curl'), '/etc/ssl/certs/ca-certificates.crt': text('') }
}

function images({ version, tags, sizeBytes }: Release): ImageDefinition[] {
  const env = [`PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, `NGINX_VERSION=${version}`, 'PKG_RELEASE=1~bookworm']
  const layer: ImageLayer = { files: debianNginx(version), sizeBytes: sizeBytes - 28_228_450 }
  const labels = { maintainer: 'NGINX Docker Maintainers <docker-maint@nginx.com>' }
  const alpineTags = tags.flatMap((tag) => (tag === 'latest' ? ['alpine'] : [`${tag}-alpine`]))
  return [
    { repository: 'docker.io/library/nginx', tags, layers: [debianLayer, layer], config: { ...entry, Env: env, Labels: labels }, sizeBytes },
    { repository: 'docker.io/library/nginx', tags: alpineTags, layers: [alpineLayer('3.21'), { files: alpineNginx(version), sizeBytes: 17_000_000 }], config: { ...entry, Env: env, Labels: labels } },
  ]
}

export const nginxImages: readonly ImageDefinition[] = releases.flatMap(images)
