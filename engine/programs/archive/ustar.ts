export * from '#engine/programs/common/ustar'
