import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { Mishap } from './Mishap'
import { connectHost } from './host'
import { Toasts } from './Toasts'
import './theme.css'
import './base.css'

/** A terminal measures its letters when it opens: they should be there by then, but nobody waits for them long. */
const longestFontWaitMs = 600

async function open(root: HTMLElement): Promise<void> {
  const letters = document.fonts.load("14px 'JetBrains Mono Variable'").catch(() => [])
  await Promise.race([letters, new Promise((resolve) => setTimeout(resolve, longestFontWaitMs))])
  createRoot(root).render(<StrictMode><Mishap><Toasts><App host={connectHost()} /></Toasts></Mishap></StrictMode>)
}

const root = document.getElementById('root')
if (root) void open(root)
