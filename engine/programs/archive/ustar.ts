export * from '#engine/base/archive/ustar'
