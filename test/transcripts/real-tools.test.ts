import { playFolder } from './player'

playFolder('transcripts recorded on a real Debian', (file) => file.startsWith('real-'))
